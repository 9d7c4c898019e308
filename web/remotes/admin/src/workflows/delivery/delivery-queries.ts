/** Reading deliveries, as live as it takes: attempts are not events of the ledger, so waiting ones are asked after. */
import { type Delivery, isApiError, queryKeys, type Ticket, unwrap } from '@flowbit/api';
import { useLiveEvents, useScreen } from '@flowbit/contract';
import {
  keepPreviousData,
  useInfiniteQuery,
  useQueries,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { DeliveryFilter } from './delivery-filter';

const PAGE_SIZE = 25;
/** A delivery due within this is about to change. */
const SOON_MS = 15_000;
const LIST_PAUSE_MS = 3000;
const SINGLE_PAUSE_MS = 800;
/** Events come in bursts; a burst refreshes once. */
const GATHER_MS = 1000;

function isAboutToChange(delivery: Delivery): boolean {
  if (delivery.state === 'sending') return true;
  if (delivery.state !== 'pending' || delivery.nextAttemptAt === null) return false;
  return Date.parse(delivery.nextAttemptAt) - Date.now() < SOON_MS;
}

export function useDeliveryList(filter: DeliveryFilter, limit = PAGE_SIZE) {
  const { client } = useScreen();
  return useInfiniteQuery({
    queryKey: [...queryKeys.admin.deliveryList(filter), limit],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(client.GET('/api/admin/deliveries', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.items.some(isAboutToChange)) ? LIST_PAUSE_MS : false,
  });
}

export function useDelivery(id: string) {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.admin.delivery(id),
    queryFn: ({ signal }) =>
      unwrap(client.GET('/api/admin/deliveries/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data && isAboutToChange(state.data) ? SINGLE_PAUSE_MS : false),
  });
}

/** New deliveries come with events of tickets, which mark no delivery as stale by themselves. */
export function useFreshDeliveries() {
  const queryClient = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useLiveEvents({ actions: ['ticket.*', 'message.*'] }, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queryClient.invalidateQueries({ queryKey: queryKeys.admin.deliveries });
    }, GATHER_MS);
  });
}

export function useReplay() {
  const { client } = useScreen();
  const queryClient = useQueryClient();
  return async (id: string) => {
    const call = client.POST('/api/admin/deliveries/{id}/replay', { params: { path: { id } } });
    await unwrap(call);
    await queryClient.invalidateQueries({ queryKey: queryKeys.admin.deliveries });
  };
}

/** A delivery may tell its ticket's number; where the server leaves it out, tickets are asked. */
export type NumberedDelivery = Delivery & { ticketNumber?: number | null };

/** The numbers of the tickets that deliveries are about, as far as they are known and still there. */
export function useTicketNumbers(deliveries: readonly NumberedDelivery[]): ReadonlyMap<string, number> {
  const { client } = useScreen();
  const known = new Map<string, number>();
  const unknown = new Set<string>();
  for (const { ticketId, ticketNumber } of deliveries) {
    if (ticketId === null) continue;
    if (ticketNumber) known.set(ticketId, ticketNumber);
    else unknown.add(ticketId);
  }
  const ids = [...unknown].filter((id) => !known.has(id));
  const tickets = useQueries({
    queries: ids.map((id) => ({
      queryKey: queryKeys.tickets.detail(id),
      queryFn: ({ signal }: { signal: AbortSignal }): Promise<Ticket> =>
        unwrap(client.GET('/api/tickets/{id}', { params: { path: { id } }, signal })),
      // A number never changes; a ticket that is gone stays gone.
      staleTime: Number.POSITIVE_INFINITY,
      retry: (failures: number, error: unknown) => failures < 2 && !isApiError(error, 'not_found'),
    })),
  });
  for (const [index, id] of ids.entries()) {
    const number = tickets[index]?.data?.number;
    if (number !== undefined) known.set(id, number);
  }
  return known;
}
