import type { Json, LedgerEvent, Message } from '@flowbit/api';
import { expect, it } from 'vitest';
import { makeTicket } from '../model/ticket-fixture';
import { mergeTimeline, type TimelineItem } from './timeline';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 8, 0, second)).toISOString();

let seq = 0;
function event(action: string, second: number, data: { [key: string]: Json }, actor = 'Anna'): LedgerEvent {
  seq += 1;
  const kind = actor === 'n8n' ? 'workflow' : actor === 'system' ? 'system' : 'user';
  return {
    seq,
    id: `e${seq}`,
    timestamp: at(second),
    action,
    userId: null,
    customerId: 'c1',
    ticketId: 't1',
    actor: { kind, id: null, name: actor },
    data,
  };
}

function message(id: string, second: number): Message {
  return {
    id,
    ticketId: 't1',
    author: { kind: 'user', id: 'u1', name: 'Anna' },
    body: id,
    html: null,
    internal: false,
    attachments: [],
    createdAt: at(second),
  };
}

const status = (from: string, to: string) => ({ changes: { status: { from, to } } });

function merge(input: { messages?: Message[]; events?: LedgerEvent[]; workflow?: 'running' | 'failed' }) {
  return mergeTimeline({
    ticket: makeTicket({
      number: 1,
      workflow: input.workflow ? { state: input.workflow, updatedAt: at(50), deliveryId: 'd1' } : null,
    }),
    messages: input.messages ?? [],
    events: input.events ?? [],
    showsWorkflow: true,
  });
}

const changesOf = (item: TimelineItem | undefined) => (item?.kind === 'changes' ? item.changes : null);

it('puts messages and changes in one order, a message before what it caused', () => {
  const items = merge({
    messages: [message('m1', 10), message('m2', 30)],
    events: [event('ticket.created', 0, {}), event('ticket.updated', 30, status('waiting', 'open'))],
  });
  expect(items.map(({ kind }) => kind)).toEqual(['message', 'message', 'changes']);
});

it('tells what somebody did in one go in one line', () => {
  const items = merge({
    events: [
      event('ticket.updated', 1, status('open', 'in_progress')),
      event('ticket.updated', 5, { changes: { priority: { from: 'low', to: 'high' } } }),
      event('ticket.updated', 9, status('in_progress', 'waiting')),
    ],
  });
  expect(items).toHaveLength(1);
  expect(changesOf(items[0])).toEqual([
    { field: 'status', from: 'open', to: 'waiting' },
    { field: 'priority', from: 'low', to: 'high' },
  ]);
});

it('leaves out what was taken back in one go, and keeps people apart', () => {
  expect(
    merge({
      events: [
        event('ticket.updated', 1, status('open', 'waiting')),
        event('ticket.updated', 2, status('waiting', 'open')),
      ],
    }),
  ).toEqual([]);
  expect(
    merge({
      events: [
        event('ticket.updated', 1, status('open', 'waiting')),
        event('ticket.updated', 2, status('waiting', 'open'), 'Ben'),
      ],
    }),
  ).toHaveLength(2);
});

it('makes one block of a workflow run, with how long it took', () => {
  const [item] = merge({
    events: [
      event('workflow.delivered', 1, { deliveryId: 'd1', state: 'running' }, 'system'),
      event('workflow.overdue', 20, { deliveryId: 'd1', state: 'overdue' }, 'system'),
      event('workflow.callback', 25, { deliveryId: 'd1', state: 'done' }, 'n8n'),
    ],
  });
  expect(item?.kind === 'workflow' && item.run).toMatchObject({
    state: 'done',
    name: 'n8n',
    acceptedAt: at(1),
    endedAt: at(25),
  });
});

it('shows a run as done when the answer came before the acceptance', () => {
  const [item] = merge({
    events: [
      event('workflow.callback', 2, { deliveryId: 'd1', state: 'done' }, 'n8n'),
      event('workflow.delivered', 3, { deliveryId: 'd1', state: 'done' }, 'system'),
    ],
  });
  expect(item?.kind === 'workflow' && item.run).toMatchObject({
    state: 'done',
    name: 'n8n',
    acceptedAt: null,
    endedAt: at(2),
  });
});

it('begins anew when a run is replayed', () => {
  const [item] = merge({
    events: [
      event('workflow.failed', 1, { deliveryId: 'd1', state: 'failed', error: 'status 500' }, 'system'),
      event('delivery.replayed', 9, { deliveryId: 'd1', state: 'pending' }),
    ],
  });
  expect(item?.kind === 'workflow' && item.run).toMatchObject({
    state: 'pending',
    error: null,
    endedAt: null,
  });
});

it('shows no notices that nobody waits for, and no runs to requesters', () => {
  const events = [event('workflow.delivered', 1, { deliveryId: 'd9', state: 'done' }, 'system')];
  expect(merge({ events })).toEqual([]);
  const hidden = mergeTimeline({
    ticket: makeTicket({ number: 1, workflow: { state: 'running', updatedAt: at(1), deliveryId: 'd1' } }),
    messages: [],
    events: [],
    showsWorkflow: false,
  });
  expect(hidden).toEqual([]);
});

it('shows the run of the ticket before the ledger tells of it, and where the ticket is ahead', () => {
  const [fresh] = merge({ workflow: 'running' });
  expect(fresh?.kind === 'workflow' && fresh.run).toMatchObject({ state: 'running', acceptedAt: at(50) });
  const [ahead] = merge({
    workflow: 'failed',
    events: [event('workflow.delivered', 1, { deliveryId: 'd1', state: 'running' }, 'system')],
  });
  expect(ahead?.kind === 'workflow' && ahead.run.state).toBe('failed');
});

it('tells which ticket was split off, and from which one', () => {
  const items = merge({
    messages: [message('m1', 10)],
    events: [
      event('ticket.split', 20, { number: 1, messageId: 'm1', into: { id: 't2', number: 2 } }),
      event('ticket.split', 30, { number: 1, from: { id: 't3', number: 3 } }),
      event('ticket.split', 40, { number: 1 }),
    ],
  });
  expect(items.flatMap((item) => (item.kind === 'reference' ? [item.reference] : []))).toEqual([
    { deed: 'splitInto', id: 't2', number: 2 },
    { deed: 'splitFrom', id: 't3', number: 3 },
  ]);
});

it('shows a ticket that was merged where that happened, as long as it is', () => {
  const from = { id: 't2', number: 2 };
  const merged = (seconds: number) => event('ticket.merged', seconds, { number: 1, from });
  const undone = (seconds: number) => event('ticket.unmerged', seconds, { number: 1, from });
  const kinds = (...events: LedgerEvent[]) =>
    merge({ messages: [message('m1', 10), message('m2', 30)], events }).map(({ kind }) => kind);
  expect(kinds(merged(20))).toEqual(['message', 'merged', 'message']);
  expect(kinds(merged(20), undone(40))).toEqual(['message', 'reference', 'message', 'reference']);
  expect(kinds(merged(20), undone(40), merged(50))).toEqual([
    'message',
    'reference',
    'message',
    'reference',
    'merged',
  ]);
});

it('knows what woke a snoozed ticket', () => {
  const snooze = { since: at(0), until: null };
  const woken = { changes: { snooze: { from: snooze, to: null } } };
  const causeOf = (...events: LedgerEvent[]) =>
    merge({ events }).flatMap((item) => changesOf(item) ?? [])[0]?.cause;
  expect(causeOf(event('ticket.updated', 30, woken, 'system'))).toBe('time');
  expect(causeOf(event('message.created', 30, {}), event('ticket.updated', 30, woken))).toBe('reply');
  expect(causeOf(event('message.created', 20, {}), event('ticket.updated', 30, woken))).toBeUndefined();
  const put = { changes: { snooze: { from: null, to: snooze } } };
  expect(causeOf(event('message.created', 30, {}), event('ticket.updated', 30, put))).toBeUndefined();
});

it('says which file was deleted, where that happened, also when its name is gone', () => {
  const items = merge({
    messages: [message('m1', 10), message('m2', 30)],
    events: [
      event('attachment.deleted', 20, { attachmentId: 'f1', messageId: 'm1', name: 'plan.pdf', size: 5 }),
      event('attachment.deleted', 40, { attachmentId: 'f2', messageId: null }),
    ],
  });
  expect(items.map((item) => (item.kind === 'fileDeleted' ? item.name : item.kind))).toEqual([
    'message',
    'plan.pdf',
    'message',
    null,
  ]);
});
