import type { Attachment } from '@flowbit/api';
import { expect, it, vi } from 'vitest';
import { createUploadQueue, FILES_MAX, type NamedFile, type SendOptions } from './upload-queue';

function fileOf(name: string): NamedFile {
  return { name, file: new Blob(['bytes'], { type: 'text/plain' }) };
}

function attachmentOf(name: string): Attachment {
  return {
    id: `id-${name}`,
    name,
    mediaType: 'text/plain; charset=utf-8',
    size: 5,
    uploader: { id: 'u1', name: 'Anna' },
    ticketId: null,
    messageId: null,
    createdAt: '2026-01-01T00:00:00.000Z',
  };
}

/** A queue whose sendings are ended by hand. */
function start() {
  const calls: (SendOptions & {
    name: string;
    arrive(): Promise<void>;
    fail(error: unknown): Promise<void>;
  })[] = [];
  const remove = vi.fn(async (_id: string) => {});
  let next = 0;
  const queue = createUploadQueue(() => {
    next += 1;
    return `k${next}`;
  });
  queue.connect('u1', {
    remove,
    send: ({ name }, options) =>
      new Promise((resolve, reject) => {
        calls.push({
          name,
          ...options,
          async arrive() {
            resolve(attachmentOf(name));
            await Promise.resolve();
          },
          async fail(error) {
            reject(error);
            await new Promise((done) => queueMicrotask(() => done(undefined)));
          },
        });
      }),
  });
  const states = (box = 'b') => queue.getBox(box).map(({ name, state }) => `${name} ${state}`);
  return { queue, calls, remove, states };
}

it('sends three at a time over all boxes, and the next when one is done', async () => {
  const { queue, calls, states } = start();
  queue.add('b', [fileOf('1'), fileOf('2')]);
  queue.add('c', [fileOf('3'), fileOf('4')]);
  expect(calls.map(({ name }) => name)).toEqual(['1', '2', '3']);
  expect(states('c')).toEqual(['3 uploading', '4 waiting']);
  await calls[0]?.arrive();
  await vi.waitFor(() => expect(states('c')).toEqual(['3 uploading', '4 uploading']));
  expect(states()).toEqual(['1 done', '2 uploading']);
});

it('tells how much is on its way, and what the server made of it', async () => {
  const { queue, calls } = start();
  queue.add('b', [fileOf('a.txt')]);
  calls[0]?.onProgress(3);
  expect(queue.getBox('b')[0]).toMatchObject({ state: 'uploading', sent: 3, size: 5 });
  await calls[0]?.arrive();
  await vi.waitFor(() => expect(queue.getBox('b')[0]?.state).toBe('done'));
  expect(queue.getBox('b')[0]).toMatchObject({ mediaType: 'text/plain; charset=utf-8', error: null });
  expect(queue.getBox('b')[0]?.attachment?.id).toBe('id-a.txt');
});

it('keeps what failed with its reason, and tries it again when asked', async () => {
  const { queue, calls, states } = start();
  queue.add('b', [fileOf('a')]);
  const refused = new Error('no');
  await calls[0]?.fail(refused);
  await vi.waitFor(() => expect(states()).toEqual(['a failed']));
  expect(queue.getBox('b')[0]?.error).toBe(refused);
  queue.retry('b', 'k1');
  expect(calls).toHaveLength(2);
  expect(queue.getBox('b')[0]).toMatchObject({ state: 'uploading', error: null });
});

it('breaks off what is removed, and removes from the server what is there', async () => {
  const { queue, calls, remove, states } = start();
  queue.add('b', [fileOf('a'), fileOf('b')]);
  queue.remove('b', 'k1');
  expect(calls[0]?.signal.aborted).toBe(true);
  await calls[1]?.arrive();
  await vi.waitFor(() => expect(states()).toEqual(['b done']));
  expect(remove).not.toHaveBeenCalled();
  queue.remove('b', 'k2');
  expect(remove).toHaveBeenCalledExactlyOnceWith('id-b');
  expect(queue.getBox('b')).toEqual([]);
});

it('removes from the server what arrives after it was removed here', async () => {
  const { queue, calls, remove } = start();
  queue.add('b', [fileOf('a')]);
  queue.remove('b', 'k1');
  await calls[0]?.arrive();
  await vi.waitFor(() => expect(remove).toHaveBeenCalledExactlyOnceWith('id-a'));
  expect(queue.getBox('b')).toEqual([]);
});

it('gives what is there to a message and leaves the rest; what comes back is never deleted from the server', async () => {
  const { queue, calls, remove, states } = start();
  queue.add('b', [fileOf('a'), fileOf('b')]);
  await calls[0]?.arrive();
  await vi.waitFor(() => expect(states()).toEqual(['a done', 'b uploading']));
  const taken = queue.take('b');
  expect(taken.map(({ name }) => name)).toEqual(['a']);
  expect(states()).toEqual(['b uploading']);
  queue.putBack('b', taken);
  queue.putBack('b', taken);
  expect(states()).toEqual(['a done', 'b uploading']);
  const [back] = queue.getBox('b');
  queue.remove('b', back?.key ?? '');
  expect(remove).not.toHaveBeenCalled();
  expect(states()).toEqual(['b uploading']);
});

it('takes no more than a message may have', () => {
  const { queue, states } = start();
  queue.add(
    'b',
    Array.from({ length: FILES_MAX + 1 }, (_, index) => fileOf(`${index}`)),
  );
  expect(states().at(-1)).toBe('20 failed');
  expect(queue.getBox('b').at(-1)?.error).toEqual({ code: 'too_many_files' });
  queue.retry('b', 'k21');
  expect(states().at(-1)).toBe('20 failed');
  queue.remove('b', 'k20');
  queue.retry('b', 'k21');
  expect(states().at(-1)).toBe('20 waiting');
});

it('is empty for another person, and sends nothing of the first', () => {
  const { queue, calls } = start();
  queue.add('b', [fileOf('1'), fileOf('2'), fileOf('3'), fileOf('4')]);
  queue.connect('u2', { send: () => new Promise(() => {}), remove: async () => {} });
  expect(queue.getBox('b')).toEqual([]);
  expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true, true]);
});
