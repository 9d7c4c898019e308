import { expect, it } from 'vitest';
import { hasWords, markWords, searchedWords } from './marked';

/** Marked parts stand in brackets. */
function marked(text: string, search: string): string {
  return markWords(text, searchedWords(search))
    .map((part) => (part.isMarked ? `[${part.text}]` : part.text))
    .join('');
}

it('marks whole words, and the beginning that may still be typed', () => {
  expect(marked('Pallet 7 of the pallets is late', 'pallet')).toBe('[Pallet] 7 of the [pallet]s is late');
  expect(marked('Pallet 7 is late, pal', 'pallet la')).toBe('[Pallet] 7 is [la]te, pal');
  expect(marked('Repallet', 'pallet')).toBe('Repallet');
});

it('takes letters with and without marks for one', () => {
  expect(marked('Ärger am Zoll', 'arg')).toBe('[Ärg]er am Zoll');
  expect(marked('A\u0308rger', 'ä')).toBe('[A\u0308]rger');
  expect(marked('Straße 12', 'STRASSE')).toBe('Straße 12');
});

it('leaves a text alone that nothing is searched in', () => {
  expect(marked('Pallet (7)', ' - ')).toBe('Pallet (7)');
  expect(markWords('', searchedWords('a'))).toEqual([]);
});

it('knows a text that has all of them', () => {
  const has = (text: string, search: string) => hasWords(text, searchedWords(search));
  expect(has('Pallets for Škoda', 'skoda pal')).toBe(true);
  expect(has('Pallets for Škoda', 'pal skoda')).toBe(false);
  expect(has('Pallets for Škoda', 'pallets late')).toBe(false);
  expect(has('Gate 40', '4')).toBe(false);
  expect(has('Gate 4', '4')).toBe(true);
});
