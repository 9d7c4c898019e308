import type { Endpoint } from '@flowbit/api';
import { expect, it } from 'vitest';
import { nameOf, partsOf, patchOf, secondsOf, spanOf, stateOf } from './endpoint-state';

const NOW = Date.parse('2026-11-23T09:00:00.000Z');
const well = {
  active: true,
  breakerOpenUntil: null,
  consecutiveFailures: 0,
  lastSuccessAt: '2026-11-23T08:00:00Z',
};

it('tells how an endpoint fares', () => {
  expect(stateOf(well, NOW)).toEqual({ kind: 'well' });
  expect(stateOf({ ...well, lastSuccessAt: null }, NOW)).toEqual({ kind: 'untried' });
  expect(stateOf({ ...well, consecutiveFailures: 2 }, NOW)).toEqual({ kind: 'failing', failures: 2 });
  const until = '2026-11-23T09:01:00.000Z';
  const open = { ...well, consecutiveFailures: 7, breakerOpenUntil: until };
  expect(stateOf(open, NOW)).toEqual({ kind: 'paused', until, failures: 7 });
  expect(stateOf(open, NOW + 61_000)).toEqual({ kind: 'failing', failures: 7 });
  expect(stateOf({ ...open, active: false }, NOW)).toEqual({ kind: 'off' });
});

it('takes addresses apart', () => {
  expect(partsOf('https://n8n.example.com/webhook/x?y=1')).toEqual({
    host: 'n8n.example.com',
    rest: '/webhook/x?y=1',
  });
  expect(partsOf('https://example.com')).toEqual({ host: 'example.com', rest: '' });
  expect(partsOf('nonsense')).toEqual({ host: 'nonsense', rest: '' });
  expect(nameOf({ url: 'https://a.example/x', description: '' })).toBe('a.example');
  expect(nameOf({ url: 'https://a.example/x', description: 'First answer' })).toBe('First answer');
});

it('writes spans as people do', () => {
  expect(spanOf(300)).toEqual({ value: 5, unit: 'minute' });
  expect(spanOf(90)).toEqual({ value: 90, unit: 'second' });
  expect(spanOf(86_400)).toEqual({ value: 1, unit: 'day' });
  for (const seconds of [1, 59, 60, 3600, 5400, 2_592_000]) expect(secondsOf(spanOf(seconds))).toBe(seconds);
});

it('patches only what differs', () => {
  const before: Endpoint = {
    ...well,
    id: 'e',
    url: 'https://a.example/x',
    description: '',
    events: ['ticket.created', 'message.created'],
    deadlineSeconds: 300,
    createdAt: '',
    updatedAt: '',
  };
  const same = {
    url: before.url,
    description: '',
    events: ['message.created', 'ticket.created'],
    deadlineSeconds: 300,
  };
  expect(patchOf(before, same)).toEqual({});
  expect(patchOf(before, { ...same, events: ['ticket.created'], deadlineSeconds: null })).toEqual({
    events: ['ticket.created'],
    deadlineSeconds: null,
  });
});
