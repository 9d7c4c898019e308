/** What the screen reads from the server, and under which names it is kept. */
import {
  type ApiClient,
  type Attachment,
  type Page,
  queryKeys,
  readHistory,
  readMessages,
  type Ticket,
  type TicketQuery,
  unwrap,
} from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  type QueryClient,
  type QueryKey,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useMemo } from 'react';
import { dropTicket, findTicket, isOlder, putTicket, type TicketPages } from './ticket-pages';

const PAGE_SIZE = 50;
/** So many messages of a ticket that is shown within another one come at a time. */
const SHOWN_MESSAGES = 20;
const FILE_PAGE_SIZE = 50;

/**
 * Lists keep themselves true by single tickets (`useLiveTickets`), so their key stands apart from
 * `queryKeys.tickets.lists`, whose answers are read anew after each event.
 */
export const rowsKey = [...queryKeys.tickets.all, 'rows'] as const;

function rowsKeyOf(query: TicketQuery) {
  return [...rowsKey, query] as const;
}

/** The query that a cached list answers. */
export function queryOfRows(key: QueryKey): TicketQuery {
  return key[rowsKey.length] as TicketQuery;
}

/** A list keeps its rows on screen while only the words searched for change. */
function differsInWords(a: TicketQuery, b: TicketQuery): boolean {
  return JSON.stringify({ ...a, q: '' }) === JSON.stringify({ ...b, q: '' });
}

export function useTicketRows(query: TicketQuery, isKnown = true) {
  const { client } = useScreen();
  return useInfiniteQuery<Page<Ticket>, Error, TicketPages, ReturnType<typeof rowsKeyOf>, string | null>({
    queryKey: rowsKeyOf(query),
    // Which tickets a saved view has is known when it has come.
    enabled: isKnown,
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/api/tickets', {
          params: {
            query: { ...query, limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: null,
    getNextPageParam: (last) => last.nextCursor,
    // While this screen was away nobody kept the list true.
    refetchOnMount: 'always',
    placeholderData: (previous, previousQuery) =>
      previousQuery && differsInWords(queryOfRows(previousQuery.queryKey), query) ? previous : undefined,
  });
}

function readTicket(client: ApiClient, id: string, signal?: AbortSignal): Promise<Ticket> {
  return unwrap(client.GET('/api/tickets/{id}', { params: { path: { id } }, ...(signal ? { signal } : {}) }));
}

/** Null: none, and nothing is asked. */
export function useTicket(id: string | null) {
  const { client } = useScreen();
  const queryClient = useQueryClient();
  return useQuery<Ticket>({
    queryKey: queryKeys.tickets.detail(id ?? ''),
    queryFn: ({ signal }) => readTicket(client, id ?? '', signal),
    enabled: id !== null,
    // The row has all that the head shows: the ticket opens at once.
    placeholderData: (): Ticket | undefined => (id === null ? undefined : findInLists(queryClient, id)),
  });
}

export function fetchTicket(queryClient: QueryClient, client: ApiClient, id: string): Promise<Ticket> {
  return queryClient.fetchQuery({
    queryKey: queryKeys.tickets.detail(id),
    queryFn: ({ signal }) => readTicket(client, id, signal),
    staleTime: 0,
    retry: false,
  });
}

export function findInLists(queryClient: QueryClient, id: string): Ticket | undefined {
  for (const [, data] of queryClient.getQueriesData<TicketPages>({ queryKey: rowsKey })) {
    const found = findTicket(data, id);
    if (found) return found;
  }
  return undefined;
}

/** Puts a ticket that the server gave wherever it is shown. */
export function storeTicket(queryClient: QueryClient, ticket: Ticket, me: string): void {
  queryClient.setQueryData<Ticket>(queryKeys.tickets.detail(ticket.id), (known) =>
    known && isOlder(ticket, known) ? known : ticket,
  );
  storeInLists(queryClient, ticket, me);
}

export function storeInLists(queryClient: QueryClient, ticket: Ticket, me: string): void {
  for (const [key, data] of queryClient.getQueriesData<TicketPages>({ queryKey: rowsKey })) {
    if (data) queryClient.setQueryData(key, putTicket(data, ticket, queryOfRows(key), me));
  }
}

export function dropInLists(queryClient: QueryClient, id: string): void {
  for (const [key, data] of queryClient.getQueriesData<TicketPages>({ queryKey: rowsKey })) {
    if (data) queryClient.setQueryData(key, dropTicket(data, id));
  }
}

/** The whole conversation, oldest first. */
export function useMessages(id: string) {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.tickets.messages(id),
    queryFn: ({ signal }) => readMessages(client, id, signal),
  });
}

/** A conversation page by page, oldest first: of a ticket that is shown within another one. */
export function useMessagePages(id: string, isWanted: boolean) {
  const { client } = useScreen();
  return useInfiniteQuery({
    // Beside the whole conversation, so that what makes the one old makes the other old.
    queryKey: [...queryKeys.tickets.messages(id), 'pages'],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: SHOWN_MESSAGES, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(client.GET('/api/tickets/{id}/messages', { params: { path: { id }, query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    enabled: isWanted,
  });
}

/** The files of a ticket, page by page: those of its description first, then as its messages brought them. */
export function useTicketFiles(id: string, isWanted = true) {
  const { client } = useScreen();
  return useInfiniteQuery({
    queryKey: queryKeys.tickets.attachments(id),
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: FILE_PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(client.GET('/api/tickets/{id}/attachments', { params: { path: { id }, query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    enabled: isWanted,
  });
}

/** The files of a ticket's description, of what `useTicketFiles` has read. */
export function describedFiles(pages: readonly Page<Attachment>[] | undefined): Attachment[] {
  // A description has no more of them than fit the first page.
  return (pages?.[0]?.items ?? []).filter(({ messageId }) => messageId === null);
}

/** What happened to the ticket, oldest first, as far as this person may see it. */
export function useHistory(id: string, isWanted = true) {
  const { client } = useScreen();
  return useQuery({
    enabled: isWanted,
    queryKey: queryKeys.tickets.events(id),
    queryFn: ({ signal }) => readHistory(client, id, signal),
  });
}

/** The number beside a view. */
export interface ViewNumber {
  count: number;
  /** There may be more. */
  orMore: boolean;
}

/** The numbers beside the views, by the view's name or id. */
export function useViewNumbers(): ReadonlyMap<string, ViewNumber> {
  const { client, can } = useScreen();
  const isStaff = can('agent', 'admin');
  const { data: numbers } = useQuery({
    queryKey: queryKeys.views.counts,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/views/counts', { signal }))).items,
    enabled: isStaff,
  });
  const { data: counts } = useQuery({
    queryKey: queryKeys.tickets.counts,
    queryFn: ({ signal }) => unwrap(client.GET('/api/tickets/counts', { signal })),
    enabled: !isStaff,
  });
  return useMemo(() => {
    const { all, open, byStatus } = counts ?? {};
    const own = { all, open, resolved: byStatus && byStatus.resolved + byStatus.closed };
    const found = new Map<string, ViewNumber>();
    for (const [view, count] of Object.entries(own)) {
      if (count !== undefined) found.set(view, { count, orMore: false });
    }
    for (const { view, count, orMore } of numbers ?? [])
      if (count !== null) found.set(view, { count, orMore });
    return found;
  }, [numbers, counts]);
}

/** One's own saved views and the shared ones; who only raises tickets has none. */
export function useSavedViews() {
  const { client, can } = useScreen();
  return useQuery({
    queryKey: queryKeys.views.list,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/views', { signal }))).items,
    enabled: can('agent', 'admin'),
    staleTime: 5 * 60_000,
  });
}

/** The teams; requesters may not ask. */
export function useTeams() {
  const { client, can } = useScreen();
  return useQuery({
    queryKey: queryKeys.teams,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/teams', { signal }))).items,
    enabled: can('agent', 'admin'),
    staleTime: 5 * 60_000,
  });
}

/** Who can be assigned; requesters may not ask. */
export function useAssignees() {
  const { client, can } = useScreen();
  return useQuery({
    queryKey: queryKeys.assignees,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/assignees', { signal }))).items,
    enabled: can('agent', 'admin'),
    staleTime: 5 * 60_000,
  });
}
