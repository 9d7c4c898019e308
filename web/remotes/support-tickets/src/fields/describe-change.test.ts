import { expect, it } from 'vitest';
import { describeChanges } from './describe-change';

const anna = { id: 'anna', name: 'Anna Berg' };
const status = { field: 'status', from: 'open', to: 'waiting' };
const assignee = { field: 'assignee', from: null, to: anna };
const tags = { field: 'tags', from: ['late', 'dock'], to: ['dock', 'customs'] };

it('tells several changes in one sentence', () => {
  const by = { id: 'tom' };
  expect(describeChanges([status], by, 'en')).toBe('set the status to Waiting');
  expect(describeChanges([status, assignee, tags], by, 'en')).toBe(
    'set the status to Waiting, assigned it to Anna Berg, added the tag “customs”, and removed the tag “late”',
  );
  expect(describeChanges([status, assignee], by, 'de')).toBe(
    'hat den Status auf „Wartet“ gesetzt und es Anna Berg zugewiesen',
  );
  expect(describeChanges([], by, 'en')).toBe('');
});

it('does not name twice who took a ticket', () => {
  expect(describeChanges([assignee], { id: 'anna' }, 'en')).toBe('took it');
  expect(describeChanges([assignee], { id: 'anna' }, 'de')).toBe('hat es übernommen');
  expect(describeChanges([{ ...assignee, from: anna, to: null }], { id: null }, 'en')).toBe(
    'took the assignment away',
  );
});

it('speaks to the reader in the form that the language wants', () => {
  expect(describeChanges([status], { id: 'me', isReader: true }, 'de')).toBe(
    'haben den Status auf „Wartet“ gesetzt',
  );
});
