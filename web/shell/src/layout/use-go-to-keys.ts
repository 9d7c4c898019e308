/**
 * `g` and a letter goes to a screen: the letter is the first of its path that is still free. `g i` goes to
 * the first screen, whatever it is called.
 */
import type { Screen } from '@flowbit/api';
import { defineMessages, type Hotkey, useHotkeys, useMessages } from '@flowbit/ui';
import { useServices } from '../app/services';
import { basePathOf } from '../routing/resolve';

const words = defineMessages({
  en: { group: 'Go to' },
  de: { group: 'Gehe zu' },
});

/** As in inbox: where work begins. */
const START = 'i';

/** Letters by screen id: `/tickets` has `t`, and a company that names it `/anfragen` has `a`. */
export function assignLetters(screens: readonly Pick<Screen, 'id' | 'path'>[]): Map<string, string> {
  const taken = new Set<string>([START]);
  const letters = new Map<string, string>();
  for (const { id, path } of screens) {
    const letter = [...path.toLowerCase()].find((char) => /[a-z]/.test(char) && !taken.has(char));
    if (letter === undefined) continue;
    taken.add(letter);
    letters.set(id, letter);
  }
  return letters;
}

export function useGoToKeys(screens: readonly Screen[] | undefined): void {
  const { group } = useMessages(words);
  const { router } = useServices();
  const letters = assignLetters(screens ?? []);
  useHotkeys(
    (screens ?? []).flatMap((screen, index): Hotkey[] => {
      const letter = letters.get(screen.id);
      return [...(index === 0 ? [START] : []), ...(letter === undefined ? [] : [letter])].map((key) => ({
        keys: `g ${key}`,
        label: screen.title,
        group,
        run: () => router.navigate(basePathOf(screen)),
      }));
    }),
  );
}
