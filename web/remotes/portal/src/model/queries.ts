/** What the screen reads from the server, and under which names it is kept. */
import {
  type Attachment,
  type Field,
  queryKeys,
  readHistory,
  readMessages,
  type Ticket,
  unwrap,
} from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ListFilter, toQuery } from './list-filter';

const PAGE_SIZE = 25;
/** Oldest first: those of the description are among the first. */
const FILE_PAGE_SIZE = 100;

/** Apart from the lists of other screens, and refreshed with them. */
const ownKey = [...queryKeys.tickets.lists, 'own'] as const;

/** One's own requests, page by page. */
export function useRequests(filter: ListFilter) {
  const { client, user } = useScreen();
  const query = toQuery(filter, user.id);
  return useInfiniteQuery({
    queryKey: [...ownKey, query],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/api/tickets', {
          params: {
            query: { ...query, limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    // While one types, what was found before stays.
    placeholderData: keepPreviousData,
  });
}

/** How many of one's requests are open and solved; not for those who see all tickets. */
export function useCounts(): { open: number; solved: number; all: number } | null {
  const { client, can } = useScreen();
  const { data } = useQuery({
    queryKey: queryKeys.tickets.counts,
    queryFn: ({ signal }) => unwrap(client.GET('/api/tickets/counts', { signal })),
    enabled: !can('agent', 'admin'),
  });
  if (!data) return null;
  return { open: data.open, solved: data.byStatus.resolved + data.byStatus.closed, all: data.all };
}

/** Null: none, and nothing is asked. */
export function useRequest(id: string | null) {
  const { client } = useScreen();
  const queryClient = useQueryClient();
  return useQuery<Ticket>({
    queryKey: queryKeys.tickets.detail(id ?? ''),
    queryFn: ({ signal }) =>
      unwrap(client.GET('/api/tickets/{id}', { params: { path: { id: id ?? '' } }, signal })),
    enabled: id !== null,
    // The row has all that the head shows: the request opens at once.
    placeholderData: (): Ticket | undefined => {
      for (const [, data] of queryClient.getQueriesData<{ pages: { items: Ticket[] }[] }>({
        queryKey: ownKey,
      })) {
        for (const { items } of data?.pages ?? []) {
          const found = items.find((ticket) => ticket.id === id);
          if (found) return found;
        }
      }
      return undefined;
    },
  });
}

/** The whole conversation, oldest first. */
export function useConversation(id: string) {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.tickets.messages(id),
    queryFn: ({ signal }) => readMessages(client, id, signal),
  });
}

const NO_FILES: readonly Attachment[] = [];

/** The files that came with the request itself: with its description, before any answer. */
export function useOpeningFiles(id: string): readonly Attachment[] {
  const { client } = useScreen();
  const { data } = useQuery({
    // Beside the list of all, so that what makes the one old makes the other old.
    queryKey: [...queryKeys.tickets.attachments(id), 'opening'],
    queryFn: async ({ signal }) => {
      const at = { path: { id }, query: { limit: FILE_PAGE_SIZE } };
      const { items } = await unwrap(client.GET('/api/tickets/{id}/attachments', { params: at, signal }));
      return items.filter(({ messageId }) => messageId === null);
    },
  });
  return data ?? NO_FILES;
}

/** What happened to the request, oldest first. */
export function useEvents(id: string) {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.tickets.events(id),
    queryFn: ({ signal }) => readHistory(client, id, signal),
  });
}

/** The company's own fields that a requester sees, in their order. */
export function useFields(): { fields: readonly Field[]; isPending: boolean } {
  const { client } = useScreen();
  const { data, isPending } = useQuery({
    queryKey: queryKeys.fields,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/fields', { signal }))).items,
    staleTime: 5 * 60_000,
  });
  // Whoever defines them is asked for no more here than who raises requests.
  const fields = (data ?? []).filter(({ active, shownToRequesters }) => active && shownToRequesters);
  return { fields, isPending };
}
