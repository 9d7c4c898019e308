import { expect, it } from 'vitest';
import { createOutbox } from './outbox';

const input = { ticketId: 't1', body: 'Hello', internal: false };

it('shows a message until it is sent', async () => {
  const outbox = createOutbox(() => 'k1');
  let finish = () => {};
  const sending = outbox.send(input, () => new Promise((resolve) => (finish = resolve)));
  expect(outbox.getSnapshot()).toMatchObject([{ key: 'k1', state: 'sending', body: 'Hello' }]);
  finish();
  expect(await sending).toBe(true);
  expect(outbox.getSnapshot()).toEqual([]);
});

it('keeps what failed, and sends it again under the same key', async () => {
  const outbox = createOutbox(() => 'k1');
  const keys: string[] = [];
  expect(await outbox.send(input, () => Promise.reject(new Error('gone')))).toBe(false);
  expect(outbox.getSnapshot()).toMatchObject([{ state: 'failed' }]);
  const sent = await outbox.retry('k1', async ({ key }) => {
    keys.push(key);
  });
  expect(sent).toBe(true);
  expect(keys).toEqual(['k1']);
});

it('sends what was held back after the message that is known now', async () => {
  const outbox = createOutbox(() => 'k1');
  const known: unknown[] = [];
  const refuse = ({ lastMessageId }: { lastMessageId?: string | null | undefined }) => {
    known.push(lastMessageId);
    return Promise.reject(new Error('moved'));
  };
  await outbox.send({ ...input, lastMessageId: 'm1' }, refuse);
  await outbox.retry('k1', refuse, { lastMessageId: 'm2' });
  expect(outbox.getSnapshot()).toMatchObject([{ state: 'failed', lastMessageId: 'm2' }]);
  await outbox.retry('k1', refuse);
  expect(known).toEqual(['m1', 'm2', 'm2']);
});

it('gives back only what is not on its way', async () => {
  const outbox = createOutbox(() => 'k1');
  let fail = (_: unknown) => {};
  const sending = outbox.send(input, () => new Promise((_, reject) => (fail = reject)));
  expect(outbox.take('k1')).toBeNull();
  fail(new Error('gone'));
  await sending;
  expect(outbox.take('k1')?.body).toBe('Hello');
  expect(outbox.getSnapshot()).toEqual([]);
});

it('offers what was kept of an earlier page, as not sent', async () => {
  const outbox = createOutbox();
  outbox.restore([
    { ...input, key: 'k7', writtenAt: '2026-01-01T08:00:00.000Z', state: 'sending', error: null },
  ]);
  expect(outbox.getSnapshot()).toMatchObject([{ key: 'k7', state: 'failed' }]);
  expect(await outbox.retry('k7', async () => {})).toBe(true);
});
