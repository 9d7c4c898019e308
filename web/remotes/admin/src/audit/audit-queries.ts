/** Reading the trail. New events are announced rather than pushed in: what one reads must not move. */
import { type AuditItem, type LedgerEvent, type Page, unwrap } from '@flowbit/api';
import { useLiveEvents, useScreen } from '@flowbit/contract';
import {
  type InfiniteData,
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type AuditFilter, fits } from './audit-filter';

const PAGE_SIZE = 50;

/** Not under the kit's audit key: every event of the desk would fetch all pages anew. */
const trailKey = (filter: AuditFilter) => ['admin', 'auditTrail', filter] as const;

export function useAuditTrail(filter: AuditFilter) {
  const { client } = useScreen();
  return useInfiniteQuery({
    queryKey: trailKey(filter),
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: PAGE_SIZE, ...(pageParam === null ? {} : { cursor: pageParam }) };
      return unwrap(client.GET('/api/admin/audit', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  });
}

/** Loads the newest page anew and drops the others, which are a scroll away. */
export function useRefreshTrail(filter: AuditFilter) {
  const queryClient = useQueryClient();
  return () => {
    const key = trailKey(filter);
    queryClient.setQueryData<InfiniteData<Page<AuditItem>, string | null>>(
      key,
      (data) => data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) },
    );
    return queryClient.invalidateQueries({ queryKey: key });
  };
}

/** A burst of events is one refresh. */
const GATHER_MS = 800;

export interface NewEvents {
  /** How many have happened since the list was loaded, and are not shown. */
  count: number;
  show(): void;
}

/** Counts new events; shows them by itself while `isAtRest` says that nobody is reading further down. */
export function useNewEvents(
  filter: AuditFilter,
  newestSeq: number | undefined,
  isAtRest: () => boolean,
): NewEvents {
  const refresh = useRefreshTrail(filter);
  const [waiting, setWaiting] = useState<readonly LedgerEvent[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef({ isAtRest, refresh });
  useEffect(() => {
    latest.current = { isAtRest, refresh };
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  useLiveEvents({}, (event) => {
    if (!fits(filter, event)) return;
    setWaiting((events) => [...events.slice(-999), event]);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      if (latest.current.isAtRest()) void latest.current.refresh();
    }, GATHER_MS);
  });
  const shown = newestSeq ?? 0;
  return {
    count: waiting.filter((event) => event.seq > shown && fits(filter, event)).length,
    show: () => void refresh(),
  };
}

/** Verifies the chain and makes a checkpoint of it; once per visit of the panel, and when asked again. */
export function useVerification(isWanted: boolean) {
  const { client } = useScreen();
  return useQuery({
    queryKey: ['admin', 'auditVerification'],
    enabled: isWanted,
    queryFn: async ({ signal }) => {
      const verification = await unwrap(client.GET('/api/admin/audit/verify', { signal }));
      const checkpoint = await unwrap(client.GET('/api/admin/audit/checkpoint', { signal }));
      return { verification, checkpoint };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}
