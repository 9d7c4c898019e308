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

it('tells until when a ticket is snoozed, and what woke it', () => {
  const by = { id: 'anna' };
  const since = '2026-01-01T08:00:00.000Z';
  const snoozed = { field: 'snooze', from: null, to: { since, until: '2020-03-05T12:00:00.000Z' } };
  expect(describeChanges([snoozed], by, 'en')).toMatch(/^snoozed it until .*5.*2020/);
  expect(describeChanges([snoozed], by, 'de')).toMatch(/^hat es bis .*2020.* zurückgestellt$/);
  const untilReply = { ...snoozed, to: { since, until: null } };
  expect(describeChanges([untilReply], by, 'en')).toBe('snoozed it until the requester replies');
  const woken = { field: 'snooze', from: untilReply.to, to: null };
  expect(describeChanges([woken], by, 'en')).toBe('woke it');
  expect(describeChanges([{ ...woken, cause: 'time' }], { id: null }, 'en')).toBe(
    'woke it because its time had come',
  );
  expect(describeChanges([{ ...woken, cause: 'reply' }], by, 'de')).toBe(
    'hat es durch die Antwort wieder vorgelegt',
  );
  const solved = { field: 'status', from: 'open', to: 'resolved' };
  expect(describeChanges([solved, woken], by, 'en')).toBe('set the status to Resolved');
});
