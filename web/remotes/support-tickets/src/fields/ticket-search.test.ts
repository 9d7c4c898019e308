import { expect, it } from 'vitest';
import { questionsOf } from './ticket-search';

it('asks for the number that was typed, and for the word where it may be one', () => {
  expect(questionsOf('')).toEqual(['']);
  expect(questionsOf(' pallet 7 ')).toEqual(['pallet 7']);
  expect(questionsOf('#12')).toEqual(['#12']);
  expect(questionsOf('12')).toEqual(['#12', '12']);
});
