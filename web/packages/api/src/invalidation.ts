/** Which cached answers an event of the ledger makes old. */
import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { LedgerEvent } from './models';
import { queryKeys } from './query-keys';

/** What somebody may be told of, or what takes away what they were told of. */
const MAY_NOTIFY = new Set(['message.created', 'ticket.created', 'ticket.updated', 'ticket.deleted']);

/** After these a ticket is linked with others than before. */
const LINKING = new Set(['ticket.linked', 'ticket.unlinked']);

/** The keys whose answers an event may have changed. */
export function staleKeys(event: Pick<LedgerEvent, 'action' | 'ticketId'>): QueryKey[] {
  const keys: QueryKey[] = [queryKeys.admin.audit];
  const [subject] = event.action.split('.');
  const { ticketId } = event;

  if (subject === 'ticket' || subject === 'message' || subject === 'workflow') {
    keys.push(queryKeys.tickets.lists, queryKeys.tickets.counts, queryKeys.views.counts);
    if (ticketId !== null) {
      keys.push(queryKeys.tickets.detail(ticketId), queryKeys.tickets.events(ticketId));
      keys.push(queryKeys.tickets.matches(ticketId));
      // A workflow's answer may carry a message of its own.
      if (subject !== 'ticket') keys.push(queryKeys.tickets.messages(ticketId));
    }
  }
  // The list of a ticket's files grows with what is written, and shrinks when one is deleted.
  if (ticketId !== null && (subject === 'message' || subject === 'attachment')) {
    keys.push(queryKeys.tickets.attachments(ticketId));
  }
  if (ticketId !== null && subject === 'attachment') {
    keys.push(queryKeys.tickets.messages(ticketId), queryKeys.tickets.events(ticketId));
    // Its name may be where the words of a search stood.
    keys.push(queryKeys.tickets.matches(ticketId));
  }
  if (ticketId !== null && LINKING.has(event.action)) keys.push(queryKeys.tickets.links(ticketId));
  // Who writes or works on a ticket watches it from then on.
  if (ticketId !== null && (subject === 'ticket' || subject === 'message')) {
    keys.push(queryKeys.tickets.watchers(ticketId));
  }
  if (MAY_NOTIFY.has(event.action)) keys.push(queryKeys.notices.list);
  if (subject === 'notices') keys.push(queryKeys.notices.all);
  if (subject === 'workflow' || subject === 'delivery' || subject === 'endpoint') {
    keys.push(queryKeys.admin.deliveries, queryKeys.admin.endpoints);
  }
  if (subject === 'view') keys.push(queryKeys.views.all);
  if (subject === 'user') keys.push(queryKeys.admin.users, queryKeys.assignees, queryKeys.teams);
  // Tickets show their team's name, and whose views they are in follows from who belongs to it.
  if (subject === 'team') keys.push(queryKeys.teams, queryKeys.tickets.all, queryKeys.views.counts);
  if (event.action === 'auth.login') keys.push(queryKeys.admin.users);
  if (subject === 'screens') keys.push(queryKeys.me.screens, queryKeys.admin.screens);
  // What a requester sees of each ticket follows from the fields.
  if (subject === 'field') keys.push(queryKeys.fields, queryKeys.tickets.all);
  // Tickets have other tags from one moment to the next, and so have macros and views.
  if (subject === 'tag') {
    keys.push(queryKeys.tags, queryKeys.tickets.all, queryKeys.macros.all, queryKeys.views.all);
  }
  // Until when an answer reopens a solved ticket follows from the settings.
  if (subject === 'settings') keys.push(queryKeys.admin.settings, queryKeys.tickets.all);
  if (subject === 'macro') {
    keys.push(queryKeys.macros.all);
    if (ticketId !== null) keys.push(queryKeys.tickets.events(ticketId));
  }
  return keys;
}

/** How long events are gathered before one refresh: a burst must not become a burst of requests. */
const GATHER_MS = 120;

/**
 * Marks answers as stale, and asks anew for those that are shown. One that is asked for the first time may have been
 * read before the event: nothing is there to be marked, and whoever asks meanwhile is given the same answer. It is
 * marked once it has come.
 */
async function refresh(queryClient: QueryClient, queryKey: QueryKey): Promise<void> {
  const cache = queryClient.getQueryCache();
  const coming = cache.findAll({
    queryKey,
    fetchStatus: 'fetching',
    predicate: (query) => query.state.data === undefined,
  });
  void queryClient.invalidateQueries({ queryKey });
  await Promise.allSettled(coming.map((query) => query.promise));
  for (const query of coming) void queryClient.invalidateQueries({ queryKey: query.queryKey, exact: true });
}

/** Returns a function that marks what an event changed as stale, a burst at a time. */
export function createInvalidator(queryClient: QueryClient): (event: LedgerEvent) => void {
  const waiting = new Map<string, QueryKey>();
  return (event) => {
    const isFirst = waiting.size === 0;
    for (const key of staleKeys(event)) waiting.set(JSON.stringify(key), key);
    if (!isFirst) return;
    setTimeout(() => {
      const keys = [...waiting.values()];
      waiting.clear();
      for (const queryKey of keys) void refresh(queryClient, queryKey);
    }, GATHER_MS);
  };
}
