/** Finding a ticket to do something with: by its number, or by words of it. */
import { queryKeys, type Ticket, type TicketQuery, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';

/** So many are offered; who wants another one types more of it. */
const MAX_FOUND = 30;

/** What the server is asked for: who types a number may mean the ticket or a word. */
export function questionsOf(typed: string): string[] {
  const q = typed.trim();
  return /^\d+$/.test(q) ? [`#${q}`, q] : [q];
}

export function useTicketSearch(typed: string, requesterId: string | undefined) {
  const { client } = useScreen();
  const q = typed.trim();
  const query: TicketQuery = {
    ...(requesterId === undefined ? {} : { requesterId }),
    ...(q === '' ? {} : { q }),
    sort: '-updatedAt',
    limit: MAX_FOUND,
  };
  return useQuery({
    queryKey: [...queryKeys.tickets.list(query), 'search'],
    queryFn: async ({ signal }) => {
      const pages = await Promise.all(
        questionsOf(typed).map((one) =>
          unwrap(
            client.GET('/api/tickets', {
              params: { query: one === '' ? query : { ...query, q: one } },
              signal,
            }),
          ),
        ),
      );
      const found = new Map<string, Ticket>();
      for (const { items } of pages) for (const ticket of items) found.set(ticket.id, ticket);
      return [...found.values()];
    },
    placeholderData: keepPreviousData,
  });
}
