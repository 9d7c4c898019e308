import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { formatLocal, furthest, readLocal, type SnoozeTime, snoozeTimes } from './snooze-times';

beforeEach(() => vi.stubEnv('TZ', 'Europe/Berlin'));
afterEach(() => vi.unstubAllEnvs());

/** What is offered then, by the clock on the wall. */
function offered(now: string): Partial<Record<SnoozeTime, string>> {
  return Object.fromEntries(snoozeTimes(new Date(now)).map(({ name, at }) => [name, formatLocal(at)]));
}

it('offers the mornings to come', () => {
  // A Thursday.
  expect(offered('2026-11-26T12:34:56')).toEqual({
    later: '2026-11-26T15:34',
    tomorrow: '2026-11-27T09:00',
    monday: '2026-11-30T09:00',
    week: '2026-12-03T09:00',
  });
});

it('says nothing twice about Monday', () => {
  expect(offered('2026-11-28T12:00')).toMatchObject({
    tomorrow: '2026-11-29T09:00',
    monday: '2026-11-30T09:00',
  });
  expect(offered('2026-11-29T12:00')).toEqual({
    later: '2026-11-29T15:00',
    tomorrow: '2026-11-30T09:00',
    week: '2026-12-06T09:00',
  });
  expect(offered('2026-11-30T12:00')).toEqual({
    later: '2026-11-30T15:00',
    tomorrow: '2026-12-01T09:00',
    week: '2026-12-07T09:00',
  });
});

it('knows no later today in the late evening', () => {
  expect(offered('2026-11-26T20:59').later).toBe('2026-11-26T23:59');
  expect(offered('2026-11-26T21:00')).not.toHaveProperty('later');
  expect(offered('2026-12-31T23:30')).toMatchObject({ tomorrow: '2027-01-01T09:00' });
});

it('keeps to the clock on the wall when the clocks change', () => {
  // To winter time on Sunday, 25 October 2026: this night has an hour more.
  expect(offered('2026-10-24T12:00')).toMatchObject({
    tomorrow: '2026-10-25T09:00',
    monday: '2026-10-26T09:00',
    week: '2026-10-31T09:00',
  });
  const [, tomorrow] = snoozeTimes(new Date('2026-10-24T12:00'));
  expect(tomorrow?.at.toISOString()).toBe('2026-10-25T08:00:00.000Z');
  // To summer time on Sunday, 28 March 2027, at two in the night: three hours pass, and it is five.
  expect(offered('2027-03-28T01:30').later).toBe('2027-03-28T05:30');
  expect(offered('2027-03-27T12:00').tomorrow).toBe('2027-03-28T09:00');
});

it('reads a date and time of the person, and says why one is none', () => {
  const now = new Date('2026-11-26T12:00');
  expect(readLocal('2026-11-30T09:00', now)).toEqual(new Date('2026-11-30T08:00:00.000Z'));
  expect(readLocal('', now)).toBe('missing');
  expect(readLocal('2026-11-26T12:00', now)).toBe('past');
  expect(readLocal('2026-11-26T12:01', now)).toEqual(new Date('2026-11-26T12:01'));
  expect(readLocal('2027-11-26T12:00', now)).toEqual(furthest(now));
  expect(readLocal('2027-11-26T12:01', now)).toBe('far');
});
