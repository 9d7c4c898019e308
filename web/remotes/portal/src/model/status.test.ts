import { expect, it } from 'vitest';
import { reopeningOf } from './status';

const NOW = Date.parse('2026-11-28T12:00:00.000Z');
const at = (days: number) => new Date(NOW + days * 86_400_000).toISOString();

it('says until when an answer reopens a request, and when the time is over', () => {
  expect(reopeningOf({ status: 'waiting', reopenUntil: at(-1) }, NOW)).toEqual({ kind: 'open' });
  for (const status of ['resolved', 'closed'] as const) {
    expect(reopeningOf({ status, reopenUntil: null }, NOW)).toEqual({ kind: 'reopens', until: null });
    expect(reopeningOf({ status, reopenUntil: at(2) }, NOW)).toEqual({ kind: 'reopens', until: at(2) });
    expect(reopeningOf({ status, reopenUntil: at(-2) }, NOW)).toEqual({ kind: 'over' });
    // As the server has it: at that moment the time is over.
    expect(reopeningOf({ status, reopenUntil: at(0) }, NOW)).toEqual({ kind: 'over' });
  }
});
