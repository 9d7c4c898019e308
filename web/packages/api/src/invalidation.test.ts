import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createInvalidator, staleKeys } from './invalidation';
import type { LedgerEvent } from './models';
import { queryKeys } from './query-keys';

function event(action: string, ticketId: string | null = null): LedgerEvent {
  return {
    seq: 1,
    id: 'e1',
    timestamp: '2026-01-01T00:00:00.000Z',
    action,
    userId: null,
    customerId: 'c1',
    ticketId,
    actor: { kind: 'user', id: 'u1', name: 'Anna' },
    data: {},
  };
}

describe('what an event makes old', () => {
  const { tickets, admin, me, assignees, macros, fields, tags, teams, views } = queryKeys;

  it.each([
    ['ticket.updated', [tickets.lists, tickets.counts, tickets.detail('t1'), tickets.events('t1')]],
    ['message.created', [tickets.lists, tickets.counts, tickets.detail('t1'), tickets.messages('t1')]],
    ['message.created', [tickets.matches('t1')]],
    ['ticket.updated', [tickets.matches('t1')]],
    ['attachment.deleted', [tickets.matches('t1')]],
    ['workflow.callback', [tickets.messages('t1'), tickets.detail('t1'), admin.deliveries, admin.endpoints]],
  ])('%s of a ticket', (action, keys) => {
    const stale = staleKeys(event(action, 't1'));
    expect(stale).toEqual(expect.arrayContaining([admin.audit, ...keys]));
    expect(stale).not.toContainEqual(tickets.detail('t2'));
  });

  it.each([
    ['delivery.replayed', [admin.deliveries, admin.endpoints]],
    ['endpoint.updated', [admin.deliveries, admin.endpoints]],
    ['user.updated', [admin.users, assignees, teams]],
    ['team.updated', [teams, tickets.all, views.counts]],
    ['auth.login', [admin.users]],
    ['screens.updated', [me.screens, admin.screens]],
    ['macro.updated', [macros.all]],
    ['field.updated', [fields, tickets.all]],
    ['tag.renamed', [tags, tickets.all, macros.all, views.all]],
    ['access.denied', []],
  ])('%s, and nothing beyond', (action, keys) => {
    expect(staleKeys(event(action))).toEqual([admin.audit, ...keys]);
  });

  it('reads the links of a ticket anew when it was linked or unlinked, and only then', () => {
    for (const action of ['ticket.linked', 'ticket.unlinked']) {
      expect(staleKeys(event(action, 't1'))).toContainEqual(tickets.links('t1'));
    }
    expect(staleKeys(event('ticket.updated', 't1'))).not.toContainEqual(tickets.links('t1'));
  });

  it('reads the files of a ticket anew when they were sent or deleted, and with them what they were sent with', () => {
    expect(staleKeys(event('message.created', 't1'))).toContainEqual(tickets.attachments('t1'));
    const deleted = staleKeys(event('attachment.deleted', 't1'));
    for (const key of [tickets.attachments('t1'), tickets.messages('t1'), tickets.events('t1')]) {
      expect(deleted).toContainEqual(key);
    }
    expect(staleKeys(event('ticket.updated', 't1'))).not.toContainEqual(tickets.attachments('t1'));
  });

  it('leaves the messages alone when only the fields of a ticket changed', () => {
    expect(staleKeys(event('ticket.updated', 't1'))).not.toContainEqual(tickets.messages('t1'));
  });
});

describe('the invalidator', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('refreshes each key once per burst, and again for the next', async () => {
    const client = new QueryClient();
    const refresh = vi.spyOn(client, 'invalidateQueries').mockResolvedValue();
    const invalidate = createInvalidator(client);
    for (let count = 0; count < 50; count += 1) invalidate(event('user.updated'));
    expect(refresh).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(refresh).toHaveBeenCalledTimes(4);
    invalidate(event('user.updated'));
    await vi.advanceTimersByTimeAsync(200);
    expect(refresh).toHaveBeenCalledTimes(8);
  });

  it('marks what is cached under the key and below it', async () => {
    const client = new QueryClient();
    const list = queryKeys.tickets.list({ status: 'open' });
    client.setQueryData(list, {});
    client.setQueryData(queryKeys.tickets.detail('t2'), {});
    createInvalidator(client)(event('ticket.updated', 't1'));
    await vi.advanceTimersByTimeAsync(200);
    expect(client.getQueryState(list)?.isInvalidated).toBe(true);
    expect(client.getQueryState(queryKeys.tickets.detail('t2'))?.isInvalidated).toBe(false);
  });

  it('asks again for what was on its way for the first time when the event came', async () => {
    const client = new QueryClient();
    const answers: ((answer: string) => void)[] = [];
    const shown = new QueryObserver(client, {
      queryKey: queryKeys.tickets.list({ status: 'open' }),
      queryFn: () => new Promise<string>((resolve) => answers.push(resolve)),
    });
    const close = shown.subscribe(() => {});
    createInvalidator(client)(event('ticket.created', 't1'));
    await vi.advanceTimersByTimeAsync(200);
    answers[0]?.('without the new one');
    await vi.advanceTimersByTimeAsync(0);
    answers[1]?.('with it');
    await vi.advanceTimersByTimeAsync(0);
    expect(shown.getCurrentResult().data).toBe('with it');
    close();
  });
});
