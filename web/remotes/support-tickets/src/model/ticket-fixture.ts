/** A ticket for tests. */
import type { Ticket } from '@flowbit/api';

export function makeTicket(change: Partial<Ticket> & { number: number }): Ticket {
  return {
    id: `t${change.number}`,
    customerId: 'c1',
    title: 'Pallet 7 is late',
    description: '',
    status: 'open',
    priority: 'normal',
    tags: [],
    requester: { id: 'r1', name: 'Hana' },
    assignee: null,
    team: null,
    workflow: null,
    customFields: {},
    messageCount: 0,
    version: 1,
    createdAt: '2026-01-01T08:00:00.000Z',
    updatedAt: '2026-01-01T08:00:00.000Z',
    resolvedAt: null,
    reopenUntil: null,
    mergedInto: null,
    snooze: null,
    ...change,
  };
}
