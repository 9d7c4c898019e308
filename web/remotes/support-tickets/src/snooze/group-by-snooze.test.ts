import { expect, it } from 'vitest';
import { makeTicket } from '../model/ticket-fixture';
import { groupBySnooze } from './group-by-snooze';

it('puts together what was snoozed alike', () => {
  const since = '2026-01-01T08:00:00.000Z';
  const until = '2026-01-05T08:00:00.000Z';
  const groups = groupBySnooze([
    makeTicket({ number: 1 }),
    makeTicket({ number: 2, snooze: { since, until } }),
    makeTicket({ number: 3, snooze: { since, until: null } }),
    makeTicket({ number: 4, snooze: { since: '2026-01-02T08:00:00.000Z', until } }),
    makeTicket({ number: 5 }),
  ]);
  expect(groups.map(({ snooze, tickets }) => [snooze, tickets.map(({ number }) => number)])).toEqual([
    [null, [1, 5]],
    [{ until }, [2, 4]],
    [{ until: null }, [3]],
  ]);
});
