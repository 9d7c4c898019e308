import type { Json } from '@flowbit/api';
import { expect, it } from 'vitest';
import { isTold } from '../properties/history-line';
import { referenceOf } from './reference';

const other = { id: 't2', number: 2 };

it('says what was done, as the ticket has it whose event it is', () => {
  const deedOf = (action: string, data: { [key: string]: Json }) => referenceOf({ action, data })?.deed;
  expect(deedOf('ticket.split', { into: other })).toBe('splitInto');
  expect(deedOf('ticket.split', { from: other })).toBe('splitFrom');
  expect(deedOf('ticket.merged', { into: other, changes: {} })).toBe('mergedInto');
  expect(deedOf('ticket.merged', { from: other })).toBe('mergedFrom');
  expect(deedOf('ticket.unmerged', { into: other })).toBe('unmergedInto');
  expect(deedOf('ticket.unmerged', { from: other })).toBe('unmergedFrom');
  expect(deedOf('ticket.linked', { with: other })).toBe('linked');
  expect(deedOf('ticket.unlinked', { with: other })).toBe('unlinked');
  expect(referenceOf({ action: 'ticket.linked', data: { with: other } })).toEqual({
    deed: 'linked',
    ...other,
  });
});

it('knows nothing of what is no such event, or says nothing of another ticket', () => {
  expect(referenceOf({ action: 'ticket.updated', data: { into: other } })).toBeNull();
  expect(referenceOf({ action: 'constructor', data: { into: other } })).toBeNull();
  expect(referenceOf({ action: 'ticket.merged', data: { into: { id: 7, number: 2 } } })).toBeNull();
  expect(referenceOf({ action: 'ticket.linked', data: { into: other } })).toBeNull();
});

it('is told in the history', () => {
  const event = {
    seq: 1,
    id: 'e1',
    timestamp: '2026-01-31T08:15:00.000Z',
    action: 'ticket.linked',
    userId: 'u1',
    customerId: 'c1',
    ticketId: 't1',
    actor: { kind: 'user', id: 'u1', name: 'Anna' },
    data: { number: 1, with: other },
  } as const;
  expect(isTold(event)).toBe(true);
  expect(isTold({ ...event, data: {} })).toBe(false);
});
