/** Where the words of a search stand in a text, as the server finds them. Pure. */
import type { MarkedPart } from '@flowbit/ui';

const WORDS = /[\p{L}\p{M}\p{N}]+/gu;

/** Upper and lower case are one, and so are letters with and without their marks. */
function fold(word: string): string {
  return word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The words that are searched for, folded. */
export function searchedWords(search: string): readonly string[] {
  return (search.match(WORDS) ?? []).map(fold);
}

/** Whether a text has all that is searched for, so that the server finds it there and nowhere else. */
export function hasWords(text: string, words: readonly string[]): boolean {
  const found = searchedWords(text);
  return words.every((word, index) => {
    // A single letter may begin anything.
    const mayGoOn = index === words.length - 1 && word.length > 1;
    return found.some((one) => one === word || (mayGoOn && one.startsWith(word)));
  });
}

/** The text in parts. Whole words count; the last one searched for is a beginning, as it may still be typed. */
export function markWords(text: string, words: readonly string[]): MarkedPart[] {
  const last = words.at(-1);
  if (last === undefined) return [{ text, isMarked: false }];
  const parts: MarkedPart[] = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(WORDS)) {
    const folded = fold(word);
    const isBeginning = folded.startsWith(last);
    if (!isBeginning && !words.includes(folded)) continue;
    const length = isBeginning && !words.includes(folded) ? beginning(word, last) : word.length;
    if (index > end) parts.push({ text: text.slice(end, index), isMarked: false });
    end = index + length;
    parts.push({ text: text.slice(index, end), isMarked: true });
  }
  if (end < text.length) parts.push({ text: text.slice(end), isMarked: false });
  return parts;
}

/** How much of a word its folded beginning is, in UTF-16 units: marks and pairs stay whole. */
function beginning(word: string, folded: string): number {
  let length = 0;
  for (const character of word) {
    if (fold(word.slice(0, length)).length >= folded.length && !/\p{M}/u.test(character)) break;
    length += character.length;
  }
  return length;
}
