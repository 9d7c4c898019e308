import { expect, it } from 'vitest';
import {
  fits,
  fromLocalInput,
  readFilter,
  startOf,
  toLocalInput,
  without,
  writeFilter,
} from './audit-filter';

const ID = '0192f3a0-0001-7000-8000-000000000001';
const full = {
  action: 'user.invitationAccepted',
  userId: ID,
  ticketId: ID,
  from: '2026-11-23T00:00:00.000Z',
  to: '2026-11-24T00:00:00.000Z',
};

it('reads what it wrote', () => {
  expect(readFilter(new URLSearchParams(writeFilter(full)))).toEqual(full);
  expect(writeFilter({})).toBe('');
  expect(without(full, 'from', 'to')).toEqual({ action: full.action, userId: ID, ticketId: ID });
});

it('ignores what is no filter', () => {
  const search = new URLSearchParams('?action=<b>&userId=anna&ticketId=7&from=soon&page=3');
  expect(readFilter(search)).toEqual({});
});

it('knows which live events are shown', () => {
  const event = { action: full.action, userId: ID, ticketId: ID, timestamp: '2026-11-23T09:00:00.000Z' };
  expect(fits({}, event)).toBe(true);
  expect(fits(full, event)).toBe(true);
  expect(fits(full, { ...event, userId: null })).toBe(false);
  expect(fits(full, { ...event, action: 'user.updated' })).toBe(false);
  expect(fits({ to: event.timestamp }, event)).toBe(false);
  expect(fits({ from: event.timestamp }, event)).toBe(true);
});

it('goes through the browser’s own field and back', () => {
  const timestamp = new Date(2026, 10, 23, 9, 5).toISOString();
  expect(toLocalInput(timestamp)).toBe('2026-11-23T09:05');
  expect(fromLocalInput(toLocalInput(timestamp))).toBe(timestamp);
  expect(fromLocalInput('')).toBeUndefined();
  expect(toLocalInput('soon')).toBe('');
});

it('begins presets at midnight, but for the last hour', () => {
  const now = new Date(2026, 10, 23, 9, 30);
  expect(startOf('hour', now)).toBe(new Date(2026, 10, 23, 8, 30).toISOString());
  expect(startOf('today', now)).toBe(new Date(2026, 10, 23).toISOString());
  expect(startOf('week', now)).toBe(new Date(2026, 10, 17).toISOString());
  expect(startOf('month', now)).toBe(new Date(2026, 9, 25).toISOString());
});
