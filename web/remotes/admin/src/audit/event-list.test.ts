import { expect, it } from 'vitest';
import { describeAction, listActions } from '../parts/action-words';
import { groupByDay } from './event-list';

it('puts neighbours of one day together', () => {
  const at = (day: number, hour: number) => ({ timestamp: new Date(2026, 10, day, hour).toISOString() });
  const groups = groupByDay([at(23, 9), at(23, 1), at(22, 23)]);
  expect(groups.map(([, items]) => items.length)).toEqual([2, 1]);
  expect(groupByDay([])).toEqual([]);
});

it('has words for actions, and keeps what it does not know', () => {
  expect(describeAction('user.invitationAccepted', 'en').label).toBe('Invitation accepted');
  expect(describeAction('auth.refused', 'de')).toMatchObject({
    label: 'Anmeldung abgelehnt',
    isTrouble: true,
  });
  expect(describeAction('history.imported', 'en').label).toBe('Earlier history brought along');
  expect(describeAction('constructor', 'en')).toMatchObject({ label: 'constructor', group: '' });
  expect(describeAction('ticket.folded', 'en').label).toBe('ticket.folded');
  expect(listActions('en').map(({ action }) => action)).not.toContain('endpoint.test');
});
