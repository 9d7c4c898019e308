import type { Ticket, TicketQuery } from '@flowbit/api';
import { describe, expect, it } from 'vitest';
import { makeTicket } from './ticket-fixture';
import {
  compareTickets,
  dropTicket,
  flattenPages,
  matchesQuery,
  putTicket,
  type TicketPages,
} from './ticket-pages';

const at = (minute: number) => `2026-01-01T08:${String(minute).padStart(2, '0')}:00.000Z`;

function pagesOf(nextCursor: string | null, ...pages: Ticket[][]): TicketPages {
  return {
    pages: pages.map((items, index) => ({
      items,
      nextCursor: index === pages.length - 1 ? nextCursor : `after-${index}`,
    })),
    pageParams: pages.map((_, index) => (index === 0 ? null : `after-${index - 1}`)),
  };
}

const numbers = (pages: TicketPages) => flattenPages(pages).map(({ number }) => number);

describe('matchesQuery', () => {
  const ticket = makeTicket({
    number: 1,
    status: 'waiting',
    tags: ['late'],
    assignee: { id: 'u1', name: 'Anna' },
    workflow: { state: 'overdue', updatedAt: at(0), deliveryId: 'd' },
  });
  it.each<[TicketQuery, boolean]>([
    [{}, true],
    [{ status: 'open,waiting' }, true],
    [{ status: 'open' }, false],
    [{ priority: 'high' }, false],
    [{ assigneeId: 'me' }, true],
    [{ assigneeId: 'u2' }, false],
    [{ assigneeId: 'none' }, false],
    [{ requesterId: 'r1' }, true],
    [{ requesterId: 'r2' }, false],
    [{ tag: ' LATE ' }, true],
    [{ tag: 'early' }, false],
    [{ workflow: 'overdue' }, true],
    [{ workflow: 'done' }, false],
  ])('%o: %s', (query, expected) => {
    expect(matchesQuery(ticket, query, 'u1')).toBe(expected);
  });
});

describe('putTicket', () => {
  const list = pagesOf(
    'more',
    [makeTicket({ number: 3, updatedAt: at(30) }), makeTicket({ number: 2, updatedAt: at(20) })],
    [makeTicket({ number: 1, updatedAt: at(10) })],
  );
  const query: TicketQuery = { status: 'open', sort: '-updatedAt' };

  it('moves a changed ticket to its place', () => {
    const changed = makeTicket({ number: 1, updatedAt: at(40), version: 2 });
    expect(numbers(putTicket(list, changed, query, 'u1'))).toEqual([1, 3, 2]);
  });

  it('adds a new one', () => {
    expect(numbers(putTicket(list, makeTicket({ number: 4, updatedAt: at(25) }), query, 'u1'))).toEqual([
      3, 4, 2, 1,
    ]);
  });

  it('takes out what no longer belongs', () => {
    const resolved = makeTicket({ number: 2, updatedAt: at(50), status: 'resolved', version: 2 });
    expect(numbers(putTicket(list, resolved, query, 'u1'))).toEqual([3, 1]);
  });

  it('leaves what comes after the loaded pages to be loaded', () => {
    const old = makeTicket({ number: 5, updatedAt: at(5) });
    expect(numbers(putTicket(list, old, query, 'u1'))).toEqual([3, 2, 1]);
    const whole = { ...list, pages: list.pages.map((page) => ({ ...page, nextCursor: null })) };
    expect(numbers(putTicket(whole, old, query, 'u1'))).toEqual([3, 2, 1, 5]);
  });

  it('does not let a slow answer undo a fresh one', () => {
    const fresh = putTicket(
      list,
      makeTicket({ number: 2, version: 3, updatedAt: at(45), title: 'new' }),
      query,
      'u1',
    );
    const stale = putTicket(
      fresh,
      makeTicket({ number: 2, version: 2, updatedAt: at(41), title: 'old' }),
      query,
      'u1',
    );
    expect(flattenPages(stale)[0]?.title).toBe('new');
  });

  it('leaves membership and order to the server while words are searched', () => {
    const searched = { ...query, q: 'pallet' };
    const changed = makeTicket({ number: 1, updatedAt: at(50), status: 'closed', version: 2 });
    const next = putTicket(list, changed, searched, 'u1');
    expect(numbers(next)).toEqual([3, 2, 1]);
    expect(flattenPages(next)[2]?.status).toBe('closed');
    expect(putTicket(list, makeTicket({ number: 9 }), searched, 'u1')).toBe(list);
  });
});

it('orders as the server does', () => {
  const low = makeTicket({ number: 1, priority: 'low', updatedAt: at(9) });
  const urgent = makeTicket({ number: 2, priority: 'urgent', updatedAt: at(1) });
  expect(compareTickets(low, urgent, '-priority')).toBeGreaterThan(0);
  expect(compareTickets(low, urgent, '-updatedAt')).toBeLessThan(0);
  expect(compareTickets(low, urgent, 'number')).toBeLessThan(0);
  expect(compareTickets(low, urgent, '-createdAt')).toBeGreaterThan(0);
});

it('drops a ticket and shows none twice', () => {
  const doubled = pagesOf(
    null,
    [makeTicket({ number: 2 })],
    [makeTicket({ number: 2 }), makeTicket({ number: 1 })],
  );
  expect(numbers(doubled)).toEqual([2, 1]);
  expect(numbers(dropTicket(doubled, 't2'))).toEqual([1]);
  expect(dropTicket(doubled, 'other')).toBe(doubled);
});
