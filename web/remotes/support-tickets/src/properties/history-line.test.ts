import type { LedgerEvent } from '@flowbit/api';
import { expect, it } from 'vitest';
import { isTold, toldElsewhere } from './history-line';

function event(action: string, data: LedgerEvent['data']): LedgerEvent {
  return {
    seq: 1,
    id: '1',
    timestamp: '2026-01-31T08:15:00.000Z',
    action,
    userId: null,
    customerId: '2',
    ticketId: '3',
    actor: { kind: 'system', id: null, name: 'Operator' },
    data,
  };
}

it('tells an earlier history by its own word, and at its own time', () => {
  const at = '2023-11-14T22:13:20.000Z';
  const told = event('history.imported', { action: 'CLOSED', at, actor: { name: 'Anna' }, details: {} });
  expect(toldElsewhere(told)).toEqual({ who: 'Anna', what: 'CLOSED', at });
  expect(isTold(told)).toBe(true);
  const bare = event('history.imported', { action: 'CLOSED', at: null, actor: { name: null } });
  expect(toldElsewhere(bare)).toEqual({ who: null, what: 'CLOSED', at: bare.timestamp });
  expect(isTold(event('history.imported', {}))).toBe(false);
  expect(toldElsewhere(event('ticket.imported', { action: 'CLOSED' }))).toBeNull();
  expect(isTold(event('ticket.imported', {}))).toBe(true);
});
