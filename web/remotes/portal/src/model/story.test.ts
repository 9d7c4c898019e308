import type { Json, LedgerEvent, Message } from '@flowbit/api';
import { expect, it } from 'vitest';
import { newestMerged, storyOf } from './story';

const time = (minute: number) => new Date(Date.UTC(2026, 10, 28, 12, minute)).toISOString();

function message(id: string, minute: number): Message {
  return {
    id,
    ticketId: 't',
    author: { kind: 'user', id: 'u', name: 'Uwe' },
    body: id,
    html: null,
    internal: false,
    attachments: [],
    createdAt: time(minute),
  };
}

let seq = 0;
function event(action: string, minute: number, data: Record<string, Json>): LedgerEvent {
  seq += 1;
  return {
    id: `e${seq}`,
    seq,
    action,
    data,
    timestamp: time(minute),
    actor: { kind: 'user', id: 'a', name: 'Anna' },
    ticketId: 't',
  } as LedgerEvent;
}

const status = (minute: number, from: string, to: string) =>
  event('ticket.updated', minute, { changes: { status: { from, to } } });

function kindsOf(messages: readonly Message[], events: readonly LedgerEvent[]) {
  return storyOf(messages, events).map(({ kind }) => kind);
}

it('says when a request was solved and opened again, and nothing else of its states', () => {
  const events = [
    status(1, 'open', 'in_progress'),
    status(2, 'in_progress', 'resolved'),
    status(3, 'resolved', 'closed'),
    status(4, 'closed', 'open'),
    event('ticket.updated', 5, { changes: { assignee: { from: null, to: { id: 'a', name: 'Anna' } } } }),
    event('message.created', 4, { body: 'no' }),
  ];
  expect(kindsOf([message('m', 4)], events)).toEqual(['solved', 'message', 'reopened']);
});

it('shows what was merged into it as long as it is', () => {
  const from = (id: string, number: number) => ({ from: { id, number } });
  const events = [
    event('ticket.merged', 1, from('a', 1)),
    event('ticket.merged', 2, from('b', 2)),
    event('ticket.unmerged', 3, from('a', 1)),
    // The other side of a merge, which is another request's.
    event('ticket.merged', 4, { into: { id: 'c', number: 3 } }),
  ];
  const story = storyOf([message('m', 2)], events);
  expect(story.map(({ kind }) => kind)).toEqual(['message', 'merged']);
  expect(story[1]).toMatchObject({ source: { id: 'b', number: 2 } });
});

it('reads the newest three of what was merged at once', () => {
  const events = [1, 2, 3, 4].map((n) => event('ticket.merged', n, { from: { id: `${n}`, number: n } }));
  const story = storyOf([], events);
  expect([...newestMerged(story)]).toEqual(events.slice(1).map(({ id }) => id));
});
