import type { Ticket, UpdateTicket } from '@flowbit/api';
import { expect, it, vi } from 'vitest';
import { createPendingChanges, toUpdate, withPending } from './pending-changes';
import { makeTicket } from './ticket-fixture';

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const ticket = makeTicket({ number: 1, version: 4 });

it('shows a change at once and drops it when it is saved', async () => {
  const store = createPendingChanges();
  const answer = deferred<Ticket>();
  const saving = store.submit(ticket, { status: 'waiting' }, () => answer.promise);
  expect(withPending(ticket, store.getSnapshot().pending.get('t1')).status).toBe('waiting');
  answer.resolve({ ...ticket, status: 'waiting', version: 5 });
  await saving;
  expect(store.getSnapshot().pending.size).toBe(0);
});

it('takes a refused change back and keeps the others', async () => {
  const store = createPendingChanges();
  const first = deferred<Ticket>();
  const second = deferred<Ticket>();
  const answers = [first, second];
  const save = () => (answers.shift() ?? first).promise;
  const refused = store.submit(ticket, { status: 'closed' }, save);
  const kept = store.submit(ticket, { priority: 'urgent' }, save);
  first.reject(new Error('no'));
  await expect(refused).rejects.toThrow('no');
  const shown = withPending(ticket, store.getSnapshot().pending.get('t1'));
  expect(shown).toMatchObject({ status: 'open', priority: 'urgent' });
  second.resolve({ ...ticket, priority: 'urgent', version: 5 });
  await kept;
});

it('saves changes to a ticket one after another, each on the version before', async () => {
  const store = createPendingChanges();
  let version = 4;
  const save = vi.fn(async (_id: string, body: UpdateTicket) => {
    expect(body.version).toBe(version);
    version += 1;
    return { ...ticket, version };
  });
  await Promise.all([
    store.submit(ticket, { status: 'waiting' }, save),
    store.submit(ticket, { priority: 'high' }, save),
    store.submit(ticket, { title: 'New' }, save),
  ]);
  expect(save).toHaveBeenCalledTimes(3);
});

it('keeps the present state of others when a change failed before', async () => {
  const store = createPendingChanges();
  await expect(
    store.submit(ticket, { status: 'closed' }, () => Promise.reject(new Error('x'))),
  ).rejects.toThrow();
  const save = vi.fn(async () => ({ ...ticket, version: 8 }));
  await store.submit({ ...ticket, version: 7 }, { status: 'closed' }, save);
  expect(save).toHaveBeenCalledWith('t1', { status: 'closed', version: 7 });
});

it('names the assignee by id, and nobody by null', () => {
  expect(toUpdate({ assignee: { id: 'u1', name: 'Anna' } }, 2)).toEqual({ assigneeId: 'u1', version: 2 });
  expect(toUpdate({ assignee: null, title: 'x' }, 2)).toEqual({ assigneeId: null, title: 'x', version: 2 });
});

it('keeps a conflict until it is settled', () => {
  const store = createPendingChanges();
  const listener = vi.fn();
  store.subscribe(listener);
  store.setConflict('t1', { patch: { status: 'closed' }, before: ticket, now: { ...ticket, version: 5 } });
  expect(store.getSnapshot().conflicts.get('t1')?.now.version).toBe(5);
  store.setConflict('t1', null);
  expect(store.getSnapshot().conflicts.size).toBe(0);
  expect(listener).toHaveBeenCalledTimes(2);
});

it('shows new values of custom fields beside the others, and sends only the new ones', () => {
  const known = { ...ticket, customFields: { order: 'A1', colour: 'red' } };
  const patch = { customFields: { colour: 'green' } };
  expect(withPending(known, [{ key: 1, patch }]).customFields).toEqual({ order: 'A1', colour: 'green' });
  expect(toUpdate(patch, 4)).toEqual({ ...patch, version: 4 });
});

it('says how long a ticket is put aside, and that what is solved no longer is', () => {
  const snooze = { since: '2026-01-01T08:00:00.000Z', until: '2026-01-02T08:00:00.000Z' };
  expect(toUpdate({ snooze }, 4)).toEqual({ snooze: { until: snooze.until }, version: 4 });
  expect(toUpdate({ snooze: null }, 4)).toEqual({ snooze: null, version: 4 });
  const snoozed = { ...ticket, snooze };
  expect(withPending(snoozed, [{ key: 1, patch: { status: 'resolved' } }]).snooze).toBeNull();
  expect(withPending(snoozed, [{ key: 1, patch: { status: 'waiting' } }]).snooze).toEqual(snooze);
});
