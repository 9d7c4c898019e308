import { describe, expect, it, vi } from 'vitest';
import { createLedgerFollower, type LedgerPage } from './live';
import type { LedgerEvent } from './models';

function event(seq: number, action = 'ticket.updated', ticketId: string | null = 't1'): LedgerEvent {
  return {
    seq,
    id: `e${seq}`,
    timestamp: '2026-01-01T00:00:00.000Z',
    action,
    userId: null,
    customerId: 'c1',
    ticketId,
    actor: { kind: 'user', id: 'u1', name: 'Anna' },
    data: {},
  };
}

function setUp(readAfter: (seq: number, limit: number) => Promise<LedgerPage>) {
  const onResync = vi.fn();
  const follower = createLedgerFollower({ readAfter, onResync });
  const seen: number[] = [];
  follower.subscribe({}, ({ seq }) => seen.push(seq));
  return { follower, onResync, seen };
}

describe('the ledger follower', () => {
  it('refreshes on the first hello and then delivers each event once', async () => {
    const { follower, onResync, seen } = setUp(async () => ({ items: [], lastSeq: 0 }));
    await follower.receiveHello(5);
    follower.receiveEvent(event(5));
    follower.receiveEvent(event(6));
    follower.receiveEvent(event(6));
    expect(onResync).toHaveBeenCalledOnce();
    expect(seen).toEqual([6]);
    expect(follower.getState()).toEqual({ kind: 'live' });
  });

  it('tells who is at a ticket to whoever still listens, whatever another makes of it', () => {
    const { follower } = setUp(async () => ({ items: [], lastSeq: 0 }));
    const report = vi.spyOn(console, 'error').mockImplementation(() => {});
    const heard: string[] = [];
    follower.onPresence(() => {
      throw new Error('on purpose');
    });
    const listen = ({ ticketId }: { ticketId: string }) => heard.push(ticketId);
    const stops = [follower.onPresence(listen), follower.onPresence(listen)];
    follower.receivePresence({ ticketId: 't1', people: [] });
    stops[0]?.();
    follower.receivePresence({ ticketId: 't2', people: [] });
    stops[1]?.();
    follower.receivePresence({ ticketId: 't3', people: [] });
    expect(heard).toEqual(['t1', 't1', 't2']);
    expect(report).toHaveBeenCalledTimes(3);
    report.mockRestore();
  });

  it('reads what was missed, in order, before what came meanwhile', async () => {
    let answer: (page: LedgerPage) => void = () => {};
    const { follower, onResync, seen } = setUp(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    await follower.receiveHello(5);
    follower.receiveDisconnect();
    expect(follower.getState().kind).toBe('offline');
    const caughtUp = follower.receiveHello(7);
    expect(follower.getState().kind).toBe('catchingUp');
    follower.receiveEvent(event(8));
    answer({ items: [event(6), event(7)], lastSeq: 7 });
    await caughtUp;
    expect(seen).toEqual([6, 7, 8]);
    expect(follower.getState().kind).toBe('live');
    expect(onResync).toHaveBeenCalledOnce();
  });

  it('reads several pages, and ends although the last events are hidden from this person', async () => {
    const readAfter = vi.fn(async (after: number, limit: number) => {
      const items = Array.from({ length: limit }, (_, index) => event(after + 1 + index)).filter(
        ({ seq }) => seq <= 300,
      );
      return { items, lastSeq: 310 };
    });
    const { follower, seen } = setUp(readAfter);
    await follower.receiveHello(0);
    await follower.receiveHello(310);
    expect(seen).toHaveLength(300);
    expect(readAfter).toHaveBeenCalledTimes(2);
    expect(follower.getLastSeq()).toBe(310);
  });

  it('refreshes instead of replaying a long absence, and when reading fails', async () => {
    const { follower, onResync } = setUp(() => Promise.reject(new Error('no')));
    await follower.receiveHello(1);
    await follower.receiveHello(10_000);
    await follower.receiveHello(10_001);
    expect(onResync).toHaveBeenCalledTimes(3);
    expect(follower.getState().kind).toBe('live');
    expect(follower.getLastSeq()).toBe(10_001);
  });

  it('filters by action, subject and ticket', async () => {
    const { follower } = setUp(async () => ({ items: [], lastSeq: 0 }));
    const tickets = vi.fn();
    const mine = vi.fn();
    follower.subscribe({ actions: ['ticket.*'] }, tickets);
    const stop = follower.subscribe({ ticketId: 't2' }, mine);
    await follower.receiveHello(0);
    follower.receiveEvent(event(1, 'message.created', 't2'));
    follower.receiveEvent(event(2, 'ticket.created', 't1'));
    stop();
    follower.receiveEvent(event(3, 'ticket.created', 't2'));
    expect(tickets).toHaveBeenCalledTimes(2);
    expect(mine).toHaveBeenCalledTimes(1);
  });
});
