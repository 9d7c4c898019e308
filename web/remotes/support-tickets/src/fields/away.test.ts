import { expect, test } from 'vitest';
import { isAway } from './away';

const NOON = Date.parse('2026-01-01T12:00:00.000Z');

test('who is out of office is so until then, or until they say otherwise', () => {
  expect(isAway(null, NOON)).toBe(false);
  expect(isAway({ until: null }, NOON)).toBe(true);
  expect(isAway({ until: '2026-01-01T12:00:01.000Z' }, NOON)).toBe(true);
  expect(isAway({ until: '2026-01-01T12:00:00.000Z' }, NOON)).toBe(false);
});
