import type { Match } from '@flowbit/api';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type AskMatches, createMatchLoader } from './match-loader';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function matchIn(text: string): Match {
  return { where: 'message', text, ranges: [[0, 1]], messageId: null };
}

function setUp(
  answer: AskMatches = async (_, ids) => ids.map((id) => ({ ticketId: id, match: matchIn(id) })),
) {
  const ask = vi.fn(answer);
  const { load } = createMatchLoader(ask);
  const asked = () => ask.mock.calls.map(([q, ids]) => `${q}: ${ids.join(' ')}`);
  return { load, ask, asked };
}

const still = () => new AbortController().signal;

it('asks once for all who ask at one moment, and gives each its own', async () => {
  const { load, asked } = setUp(async () => [
    { ticketId: 'b', match: matchIn('b') },
    { ticketId: 'c', match: null },
  ]);
  const all = Promise.all(['a', 'b', 'c', 'b'].map((id) => load('late', id, still())));
  await vi.runAllTimersAsync();
  expect(await all).toEqual([null, matchIn('b'), null, matchIn('b')]);
  expect(asked()).toEqual(['late: a b c']);
});

it('asks apart for other words, and for those who ask later', async () => {
  const { load, asked } = setUp();
  void load('late', 'a', still());
  void load('pallet', 'a', still());
  await vi.runAllTimersAsync();
  void load('late', 'b', still());
  await vi.runAllTimersAsync();
  expect(asked()).toEqual(['late: a', 'pallet: a', 'late: b']);
});

it('asks for no more at once than the server answers', async () => {
  const { load, ask } = setUp();
  for (let number = 0; number < 205; number += 1) void load('late', `${number}`, still());
  await vi.runAllTimersAsync();
  expect(ask.mock.calls.map(([, ids]) => ids.length)).toEqual([100, 100, 5]);
});

it('asks for nothing that is no longer wanted, and breaks off when nobody waits', async () => {
  const { load, ask, asked } = setUp(() => new Promise(() => {}));
  const [gone, first, second] = [new AbortController(), new AbortController(), new AbortController()];
  const passed = load('late', 'a', gone.signal);
  void load('late', 'b', first.signal);
  void load('late', 'c', second.signal);
  gone.abort();
  passed.catch(() => {});
  await vi.runAllTimersAsync();
  await expect(passed).rejects.toThrow();
  expect(asked()).toEqual(['late: b c']);
  const signal = ask.mock.calls[0]?.[2];
  first.abort();
  expect(signal?.aborted).toBe(false);
  second.abort();
  expect(signal?.aborted).toBe(true);
});

it('tells all who wait of an error, and goes on', async () => {
  const ask = vi.fn<AskMatches>().mockRejectedValueOnce(new Error('away')).mockResolvedValue([]);
  const { load } = createMatchLoader(ask);
  const both = Promise.allSettled([load('late', 'a', still()), load('late', 'b', still())]);
  await vi.runAllTimersAsync();
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const after = load('late', 'a', still());
  await vi.runAllTimersAsync();
  expect(await after).toBeNull();
});
