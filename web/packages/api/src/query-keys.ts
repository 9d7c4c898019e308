/**
 * The names under which answers are cached.
 *
 * Every screen takes its keys from here, because live events refresh by key: a key of one's own
 * would go stale unseen.
 */
import type { DeliveryState, TicketQuery } from './models';

export const queryKeys = {
  me: {
    screens: ['me', 'screens'] as const,
  },
  notices: {
    all: ['notices'] as const,
    list: ['notices', 'list'] as const,
    settings: ['notices', 'settings'] as const,
  },
  assignees: ['assignees'] as const,
  fields: ['fields'] as const,
  tags: ['tags'] as const,
  teams: ['teams'] as const,
  macros: {
    all: ['macros'] as const,
    forTicket: (ticketId: string) => ['macros', 'ticket', ticketId] as const,
  },
  tickets: {
    all: ['tickets'] as const,
    lists: ['tickets', 'list'] as const,
    list: (query: TicketQuery) => ['tickets', 'list', query] as const,
    counts: ['tickets', 'counts'] as const,
    detail: (id: string) => ['tickets', 'detail', id] as const,
    messages: (id: string) => ['tickets', 'messages', id] as const,
    events: (id: string) => ['tickets', 'events', id] as const,
    watchers: (id: string) => ['tickets', 'watchers', id] as const,
    links: (id: string) => ['tickets', 'links', id] as const,
    attachments: (id: string) => ['tickets', 'attachments', id] as const,
    matches: (id: string) => ['tickets', 'matches', id] as const,
    match: (id: string, q: string) => ['tickets', 'matches', id, q] as const,
  },
  attachments: {
    limits: ['attachments', 'limits'] as const,
    bytes: (id: string) => ['attachments', 'bytes', id] as const,
  },
  views: {
    all: ['views'] as const,
    list: ['views', 'list'] as const,
    counts: ['views', 'counts'] as const,
  },
  admin: {
    users: ['admin', 'users'] as const,
    userList: (query: { q?: string }) => ['admin', 'users', query] as const,
    screens: ['admin', 'screens'] as const,
    endpoints: ['admin', 'endpoints'] as const,
    deliveries: ['admin', 'deliveries'] as const,
    deliveryList: (query: { state?: DeliveryState; endpointId?: string; ticketId?: string }) =>
      ['admin', 'deliveries', 'list', query] as const,
    delivery: (id: string) => ['admin', 'deliveries', 'detail', id] as const,
    audit: ['admin', 'audit'] as const,
    settings: ['admin', 'settings'] as const,
  },
};
