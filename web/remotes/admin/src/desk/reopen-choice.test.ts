import { expect, it } from 'vitest';
import { readReopening, reopenDaysOf } from './reopen-choice';

it('reads what is set, and gives back the same', () => {
  for (const days of [null, 0, 1, 30, 365]) expect(reopenDaysOf(readReopening(days))).toBe(days);
});

it('takes whole days from 1 to 365 and nothing else', () => {
  for (const days of ['', ' ', '0', '-1', '1.5', '366', 'ten', '1e2']) {
    expect(reopenDaysOf({ kind: 'within', days }), days).toBeUndefined();
  }
  expect(reopenDaysOf({ kind: 'within', days: ' 14 ' })).toBe(14);
  // What was typed does not matter where nothing is typed.
  expect(reopenDaysOf({ kind: 'always', days: 'ten' })).toBeNull();
  expect(reopenDaysOf({ kind: 'never', days: '' })).toBe(0);
});
