import type { TicketLink } from '@flowbit/api';
import { expect, it } from 'vitest';
import { setLink } from './links';

function link(number: number, minute: number): TicketLink {
  return {
    ticket: { id: `t${number}`, number, title: 'Pallet', status: 'open' },
    linkedAt: new Date(Date.UTC(2026, 0, 1, 8, minute)).toISOString(),
  };
}

it('puts a link where it belongs, once, and takes it back to where it was', () => {
  const before = { items: [link(3, 30), link(1, 10)] };
  const numbers = (links: { items: TicketLink[] }) => links.items.map(({ ticket }) => ticket.number);
  expect(numbers(setLink(undefined, link(2, 20), true))).toEqual([2]);
  const added = setLink(before, link(2, 40), true);
  expect(numbers(added)).toEqual([2, 3, 1]);
  expect(numbers(setLink(added, link(2, 40), true))).toEqual([2, 3, 1]);
  expect(setLink(added, link(2, 40), false)).toEqual(before);
  // One that was taken away, and was not after all.
  expect(setLink(setLink(before, link(1, 10), false), link(1, 10), true)).toEqual(before);
});
