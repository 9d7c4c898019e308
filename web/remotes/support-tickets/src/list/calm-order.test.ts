import { expect, it } from 'vitest';
import { settleOrder } from './calm-order';

it('follows the list while nobody is at it', () => {
  expect(settleOrder(['a', 'b'], ['c', 'b'], false)).toEqual({ ids: ['c', 'b'], waiting: 0 });
});

it('holds rows where they are, and counts what waits', () => {
  expect(settleOrder(['a', 'b'], ['x', 'b', 'y', 'a'], true)).toEqual({
    ids: ['a', 'b'],
    waiting: 2,
  });
});

it('keeps a row that left until the list is let go', () => {
  expect(settleOrder(['a', 'b', 'c'], ['a', 'c'], true).ids).toEqual(['a', 'b', 'c']);
});

it('takes what was loaded by scrolling on', () => {
  expect(settleOrder(['a', 'b'], ['a', 'b', 'c', 'd'], true)).toEqual({
    ids: ['a', 'b', 'c', 'd'],
    waiting: 0,
  });
  expect(settleOrder(['a', 'b'], ['n', 'b', 'a', 'c'], true)).toMatchObject({
    ids: ['a', 'b', 'c'],
    waiting: 1,
  });
});

it('shows a first list at once', () => {
  expect(settleOrder([], ['a'], true).ids).toEqual(['a']);
});
