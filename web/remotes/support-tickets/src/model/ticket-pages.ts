/**
 * Keeps a loaded list true as single tickets change, without loading it anew.
 *
 * A desk with many agents sees many events; reading the changed ticket and putting it in its place
 * costs one small answer, reading all loaded pages again would cost dozens.
 */
import type { Page, Ticket, TicketQuery, TicketSort } from '@flowbit/api';
import type { InfiniteData } from '@tanstack/react-query';
import { isServersAlone, matchesExpression, parseExpression } from './expression';

export type TicketPages = InfiniteData<Page<Ticket>, string | null>;

const PRIORITY_ORDER = { low: 0, normal: 1, high: 2, urgent: 3 } as const;

/** Whether only the server can say what belongs in a list: it searches for words, or for one's own teams. */
export function isServersToJudge(query: TicketQuery): boolean {
  if (query.q !== undefined || query.teamId === 'mine') return true;
  const expression = parseExpression(query.filter ?? null);
  return expression !== null && isServersAlone(expression);
}

/** Whether a ticket belongs in a list; words are the server's to judge and not looked at. */
export function matchesQuery(ticket: Ticket, query: TicketQuery, me: string): boolean {
  const { status, priority, assigneeId, teamId, requesterId, tag, workflow } = query;
  if (status !== undefined && !status.split(',').includes(ticket.status)) return false;
  if (priority !== undefined && priority !== ticket.priority) return false;
  if (assigneeId === 'none' && ticket.assignee !== null) return false;
  if (assigneeId !== undefined && assigneeId !== 'none') {
    if (ticket.assignee?.id !== (assigneeId === 'me' ? me : assigneeId)) return false;
  }
  if (teamId !== undefined && teamId !== (ticket.team?.id ?? 'none')) return false;
  if (requesterId !== undefined && requesterId !== ticket.requester.id) return false;
  const expression = parseExpression(query.filter ?? null);
  if (expression !== null && !matchesExpression(ticket, expression, me, Date.now())) return false;
  if (query.sort === '-resolvedAt' && ticket.resolvedAt === null) return false;
  if (tag !== undefined && !ticket.tags.includes(tag.trim().toLowerCase())) return false;
  return workflow === undefined || workflow === ticket.workflow?.state;
}

function sortKey(ticket: Ticket, sort: TicketSort): number[] {
  switch (sort) {
    case '-updatedAt':
    case 'updatedAt':
      return [Date.parse(ticket.updatedAt), ticket.number];
    case '-createdAt':
    case 'createdAt':
      return [Date.parse(ticket.createdAt), ticket.number];
    case '-resolvedAt':
      return [Date.parse(ticket.resolvedAt ?? ticket.createdAt), ticket.number];
    case '-priority':
      return [PRIORITY_ORDER[ticket.priority], Date.parse(ticket.updatedAt), ticket.number];
    default:
      return [ticket.number];
  }
}

/** The server's order: negative when `a` stands before `b`. */
export function compareTickets(a: Ticket, b: Ticket, sort: TicketSort): number {
  const direction = sort.startsWith('-') ? -1 : 1;
  const keyOfB = sortKey(b, sort);
  for (const [index, value] of sortKey(a, sort).entries()) {
    const difference = value - (keyOfB[index] ?? 0);
    if (difference !== 0) return difference * direction;
  }
  return 0;
}

/** True when what came is no news: a slow answer must not undo a fresh one. */
export function isOlder(incoming: Ticket, known: Ticket): boolean {
  if (incoming.version !== known.version) return incoming.version < known.version;
  return Date.parse(incoming.updatedAt) < Date.parse(known.updatedAt);
}

function mapPages(data: TicketPages, change: (items: Ticket[]) => Ticket[]): TicketPages {
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: change(page.items) })) };
}

export function findTicket(data: TicketPages | undefined, id: string): Ticket | undefined {
  for (const page of data?.pages ?? []) {
    const found = page.items.find((ticket) => ticket.id === id);
    if (found) return found;
  }
  return undefined;
}

export function dropTicket(data: TicketPages, id: string): TicketPages {
  if (!findTicket(data, id)) return data;
  return mapPages(data, (items) => items.filter((ticket) => ticket.id !== id));
}

/** Puts a changed or new ticket where the list has it now, or takes it out. */
export function putTicket(data: TicketPages, ticket: Ticket, query: TicketQuery, me: string): TicketPages {
  const known = findTicket(data, ticket.id);
  if (known && isOlder(ticket, known)) return data;
  if (isServersToJudge(query)) {
    // Whether words still match only the server knows: here the row's content is refreshed.
    return known
      ? mapPages(data, (items) => items.map((one) => (one.id === ticket.id ? ticket : one)))
      : data;
  }
  const without = dropTicket(data, ticket.id);
  if (!matchesQuery(ticket, query, me)) return without;
  return insert(without, ticket, query.sort ?? '-updatedAt');
}

function insert(data: TicketPages, ticket: Ticket, sort: TicketSort): TicketPages {
  const pages = [...data.pages];
  for (const [index, page] of pages.entries()) {
    const at = page.items.findIndex((other) => compareTickets(ticket, other, sort) < 0);
    if (at < 0) continue;
    pages[index] = { ...page, items: page.items.toSpliced(at, 0, ticket) };
    return { ...data, pages };
  }
  // Behind everything loaded: shown only if there is nothing more to load.
  const last = pages.at(-1);
  if (!last || last.nextCursor !== null) return data;
  pages[pages.length - 1] = { ...last, items: [...last.items, ticket] };
  return { ...data, pages };
}

/** All loaded tickets in order, each once: a ticket that moved while paging may come twice. */
export function flattenPages(data: TicketPages | undefined): Ticket[] {
  const byId = new Map<string, Ticket>();
  for (const page of data?.pages ?? []) {
    for (const ticket of page.items) if (!byId.has(ticket.id)) byId.set(ticket.id, ticket);
  }
  return [...byId.values()];
}
