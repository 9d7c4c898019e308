import { expect, it } from 'vitest';
import { markRanges } from './mark-ranges';

/** Marked parts stand in brackets. */
function marked(text: string, ...ranges: number[][]): string {
  return markRanges(text, ranges)
    .map((part) => (part.isMarked ? `[${part.text}]` : part.text))
    .join('');
}

it('marks each range, and leaves what is between', () => {
  expect(marked('the late pallet', [4, 8], [9, 15])).toBe('the [late] [pallet]');
  expect(marked('late', [0, 4])).toBe('[late]');
  expect(marked('late')).toBe('late');
  expect(marked('')).toBe('');
});

it('counts as the text is counted', () => {
  expect(marked('😀 hay', [3, 6])).toBe('😀 [hay]');
});

it('loses nothing to ranges that cannot be', () => {
  expect(marked('late', [2, 9], [1, 3], [9, 12], [], [3, 3])).toBe('la[te]');
});
