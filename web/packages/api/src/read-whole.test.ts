import { expect, it, vi } from 'vitest';
import type { ApiClient } from './client';
import { readHistory, readMessages } from './read-whole';

/** A client that is answered with these, one after the other. */
function clientWith(...answers: object[]) {
  const get = vi.fn();
  for (const data of answers) get.mockResolvedValueOnce({ data, response: new Response() });
  const asked = () => get.mock.calls.map(([, { params }]) => params.query);
  return { client: { GET: get } as unknown as ApiClient, asked };
}

const { signal } = new AbortController();

it('reads a conversation to its end', async () => {
  const { client, asked } = clientWith(
    { items: [{ id: 'm1' }], nextCursor: 'c1' },
    { items: [{ id: 'm2' }], nextCursor: null },
  );
  expect(await readMessages(client, 't1', signal)).toEqual([{ id: 'm1' }, { id: 'm2' }]);
  expect(asked()).toEqual([{ limit: 100 }, { limit: 100, cursor: 'c1' }]);
});

it('reads a history until a page is not full', async () => {
  const full = Array.from({ length: 500 }, (_, at) => ({ seq: at + 1 }));
  const { client, asked } = clientWith(
    { items: full, lastSeq: 777 },
    { items: [{ seq: 778 }], lastSeq: 778 },
  );
  expect(await readHistory(client, 't1', signal)).toHaveLength(501);
  expect(asked().map(({ after }) => after)).toEqual([0, 777]);
});
