import { expect, it } from 'vitest';
import { showsOriginal, ticketPath } from './ticket-path';

it('keeps the list, and says of a ticket alone that it is shown as it is', () => {
  const search = new URLSearchParams('view=mine&status=open,waiting');
  expect(ticketPath('t1', new URLSearchParams())).toBe('/t1');
  expect(ticketPath('t1', search)).toBe('/t1?view=mine&status=open,waiting');
  const original = ticketPath('t1', search, { isOriginal: true });
  expect(original).toBe('/t1?view=mine&status=open,waiting&original=1');
  const there = new URLSearchParams(original.split('?')[1]);
  expect(showsOriginal(there)).toBe(true);
  expect(ticketPath('t2', there)).toBe('/t2?view=mine&status=open,waiting');
  expect(showsOriginal(search)).toBe(false);
});
