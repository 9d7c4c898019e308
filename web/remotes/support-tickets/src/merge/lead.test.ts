import { expect, it } from 'vitest';
import { makeTicket } from '../model/ticket-fixture';
import { arriveFrom, leadOf } from './lead';

const plain = makeTicket({ number: 3 });
const merged = makeTicket({ number: 1, mergedInto: { id: 't2', number: 2 } });
const opened = { isOriginal: false, wasOpen: false };

it('leads on as soon as it is known that the other ticket is there', () => {
  expect(leadOf({ ...opened, ticket: merged, target: 'coming' })).toBe('wait');
  expect(leadOf({ ...opened, ticket: merged, target: 'there' })).toBe('go');
});

it('stays where there is nothing to lead to, and where one wants to be', () => {
  expect(leadOf({ ...opened, ticket: undefined, target: 'coming' })).toBe('stay');
  expect(leadOf({ ...opened, ticket: plain, target: 'coming' })).toBe('stay');
  expect(leadOf({ ...opened, ticket: merged, target: 'gone' })).toBe('stay');
  expect(leadOf({ ...opened, ticket: merged, target: 'unknown' })).toBe('stay');
  expect(leadOf({ ticket: merged, isOriginal: true, wasOpen: false, target: 'there' })).toBe('stay');
  expect(leadOf({ ticket: merged, isOriginal: false, wasOpen: true, target: 'there' })).toBe('stay');
});

it('remembers along a chain which ticket was asked for', () => {
  const first = arriveFrom(merged, null);
  expect(first).toEqual({ at: 't2', from: { id: 't1', number: 1 } });
  const second = makeTicket({ number: 2, mergedInto: { id: 't3', number: 3 } });
  expect(arriveFrom(second, first)).toEqual({ at: 't3', from: { id: 't1', number: 1 } });
  expect(arriveFrom(second, { at: 't9', from: { id: 't8', number: 8 } })).toEqual({
    at: 't3',
    from: { id: 't2', number: 2 },
  });
  expect(arriveFrom(plain, first)).toBeNull();
});
