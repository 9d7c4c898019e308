/** `g` and a letter goes to a screen: the letter is the first of its path that is still free. */
import type { Screen } from '@flowbit/api';
import { defineMessages, type Hotkey, useHotkeys, useMessages } from '@flowbit/ui';
import { useServices } from '../app/services';
import { basePathOf } from '../routing/resolve';

const words = defineMessages({
  en: { group: 'Go to' },
  de: { group: 'Gehe zu' },
});

/** Letters by screen id: `/tickets` has `t`, and a company that names it `/anfragen` has `a`. */
export function assignLetters(screens: readonly Pick<Screen, 'id' | 'path'>[]): Map<string, string> {
  const taken = new Set<string>();
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
    (screens ?? []).flatMap((screen): Hotkey[] => {
      const letter = letters.get(screen.id);
      if (letter === undefined) return [];
      return [
        {
          keys: `g ${letter}`,
          label: screen.title,
          group,
          run: () => router.navigate(basePathOf(screen)),
        },
      ];
    }),
  );
}
