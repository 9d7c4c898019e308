import { expect, it } from 'vitest';
import { takeTitleFocus, wantTitleFocus } from './title-focus';

it('gives the focus to the title that was asked for, once', () => {
  expect(takeTitleFocus('a')).toBe(false);
  wantTitleFocus('a');
  expect(takeTitleFocus('b')).toBe(false);
  expect(takeTitleFocus('a')).toBe(true);
  expect(takeTitleFocus('a')).toBe(false);
});
