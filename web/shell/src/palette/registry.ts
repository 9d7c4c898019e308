/** The commands that screens and the shell offer right now. */
import type { Command } from '@flowbit/contract';

export interface OfferedCommand extends Command {
  /** Heading in the palette: the screen's title. */
  group: string;
}

export interface CommandRegistry {
  register(group: string, commands: readonly Command[]): () => void;
  subscribe(listener: () => void): () => void;
  getSnapshot(): readonly OfferedCommand[];
}

export function createCommandRegistry(): CommandRegistry {
  const offers = new Set<{ group: string; commands: readonly Command[] }>();
  const listeners = new Set<() => void>();
  let snapshot: readonly OfferedCommand[] = [];

  function changed() {
    snapshot = [...offers].flatMap(({ group, commands }) =>
      commands.map((command) => ({ ...command, group })),
    );
    for (const listener of listeners) listener();
  }

  return {
    register(group, commands) {
      const offer = { group, commands };
      offers.add(offer);
      changed();
      return () => {
        offers.delete(offer);
        changed();
      };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    getSnapshot: () => snapshot,
  };
}
