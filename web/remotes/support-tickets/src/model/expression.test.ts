import type { Expression } from '@flowbit/api';
import { expect, it } from 'vitest';
import { isServersAlone, matchesExpression } from './expression';
import { makeTicket } from './ticket-fixture';

const NOW = Date.parse('2026-01-10T08:00:00.000Z');
const ticket = makeTicket({
  number: 1,
  status: 'resolved',
  tags: ['customs'],
  assignee: { id: 'me', name: 'Mia' },
  customFields: { order: ['7', 'x'], count: 7, isPaid: true },
  resolvedAt: '2026-01-05T08:00:00.000Z',
});

it.each<[Expression, boolean]>([
  [{ all: [] }, true],
  [{ status: { is: ['open', 'resolved'] } }, true],
  [{ status: { isNot: ['resolved'] } }, false],
  [{ priority: { is: ['urgent'] } }, false],
  [{ assignee: { is: ['me'] } }, true],
  [{ assignee: { is: ['none'] } }, false],
  [{ requester: { isNot: ['r1'] } }, false],
  [{ tag: { is: [' Customs '] } }, true],
  [{ tag: { isNot: ['customs'] } }, false],
  [{ workflow: { isNot: ['overdue'] } }, true],
  [{ snoozed: false }, true],
  [{ snoozed: true }, false],
  [{ customField: { key: 'order', is: ['x'] } }, true],
  [{ customField: { key: 'count', is: ['7'] } }, false],
  [{ customField: { key: 'isPaid', is: [true] } }, true],
  [{ customField: { key: 'none', isNot: ['x'] } }, true],
  [{ resolvedAt: { withinDays: 7 } }, true],
  [{ resolvedAt: { withinDays: 3 } }, false],
  [{ resolvedAt: { olderThanDays: 3 } }, true],
  [{ createdAt: { after: '2026-01-01T08:00:00.000Z' } }, true],
  [{ createdAt: { before: '2026-01-01T08:00:00.000Z' } }, false],
  [{ any: [{ status: { is: ['open'] } }, { tag: { is: ['customs'] } }] }, true],
  [{ all: [{ status: { is: ['resolved'] } }, { any: [{ tag: { is: ['refund'] } }] }] }, false],
])('%j: %s', (expression, expected) => {
  expect(matchesExpression(ticket, expression, 'me', NOW)).toBe(expected);
});

it('knows what is snoozed, with a time and without one', () => {
  for (const until of ['2026-01-11T08:00:00.000Z', null]) {
    const snoozed = { ...ticket, snooze: { since: '2026-01-09T08:00:00.000Z', until } };
    expect(matchesExpression(snoozed, { snoozed: true }, 'me', NOW)).toBe(true);
    expect(matchesExpression(snoozed, { snoozed: false }, 'me', NOW)).toBe(false);
  }
});

it('takes no time for one that is not resolved', () => {
  const open = { ...ticket, resolvedAt: null };
  expect(matchesExpression(open, { resolvedAt: { olderThanDays: 1 } }, 'me', NOW)).toBe(false);
});

it('finds words in any depth', () => {
  expect(isServersAlone({ all: [{ any: [{ text: { contains: 'pallet' } }] }] })).toBe(true);
  expect(isServersAlone({ any: [{ team: { isNot: ['none', 'mine'] } }] })).toBe(true);
  expect(isServersAlone({ team: { is: ['none'] } })).toBe(false);
  expect(isServersAlone({ all: [{ any: [{ tag: { is: ['text'] } }] }] })).toBe(false);
});
