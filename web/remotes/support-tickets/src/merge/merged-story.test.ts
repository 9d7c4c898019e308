import type { LedgerEvent, Message } from '@flowbit/api';
import { expect, it } from 'vitest';
import { newestMerged, storyOf } from './merged-story';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 8, 0, second)).toISOString();

function message(id: string, second: number): Message {
  return {
    id,
    ticketId: 't2',
    author: { kind: 'user', id: 'u1', name: 'Anna' },
    body: id,
    html: null,
    internal: false,
    attachments: [],
    createdAt: at(second),
  };
}

function event(id: string, action: string, second: number, source: number): LedgerEvent {
  return {
    seq: second,
    id,
    timestamp: at(second),
    action,
    userId: 'u1',
    customerId: 'c1',
    ticketId: 't2',
    actor: { kind: 'user', id: 'u1', name: 'Anna' },
    data: { number: 2, from: { id: `t${source}`, number: source } },
  };
}

const keysOf = (...input: Parameters<typeof storyOf>) => storyOf(...input).map(({ key }) => key);

it('shows what had been merged before in its place, unless that was undone', () => {
  const messages = [message('m1', 10), message('m2', 30)];
  const events = [event('e1', 'ticket.merged', 20, 7), event('e2', 'ticket.merged', 40, 8)];
  expect(keysOf(messages, events, false)).toEqual(['m1', 'e1', 'm2', 'e2']);
  const undone = [...events, event('e3', 'ticket.unmerged', 50, 7)];
  expect(keysOf(messages, undone, false)).toEqual(['m1', 'm2', 'e2']);
});

it('keeps back what belongs behind messages that are still to come', () => {
  const events = [event('e1', 'ticket.merged', 20, 7), event('e2', 'ticket.merged', 40, 8)];
  expect(keysOf([message('m1', 10), message('m2', 30)], events, true)).toEqual(['m1', 'e1', 'm2']);
});

it('opens the newest of many', () => {
  const items = ['a', 'b', 'c', 'd', 'e'].map((key) => ({ kind: key === 'd' ? 'message' : 'merged', key }));
  expect([...newestMerged(items)]).toEqual(['b', 'c', 'e']);
});
