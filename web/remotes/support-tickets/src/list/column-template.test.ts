import { expect, it } from 'vitest';
import { columnTemplate } from './column-template';

it('gives the room that is left to tags, and to titles without them', () => {
  expect(columnTemplate(['status', 'tags', 'priority'])).toBe(
    "'priority number title tags status' 100% / 16px minmax(44px, auto) minmax(0, max-content) minmax(0, 1fr) 96px",
  );
  expect(columnTemplate(['updatedAt'])).toBe(
    "'priority number title updatedAt' 100% / 16px minmax(44px, auto) minmax(0, 1fr) 76px",
  );
});
