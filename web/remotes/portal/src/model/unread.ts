/**
 * Which requests have news: what one was told and has not read, which all devices share; and what came since this page
 * is here, for those who want no such notices.
 */
import { queryKeys, unwrap } from '@flowbit/api';
import { useLiveEvents, useScreen } from '@flowbit/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useSyncExternalStore } from 'react';

/** As many as the shell's bell asks for, whose answer this shares. */
const NOTICES = 50;

const listeners = new Set<() => void>();
/** Whose they are: another person at this page begins anew. */
let owner: string | null = null;
let fresh: ReadonlySet<string> = new Set();

function set(next: ReadonlySet<string>) {
  fresh = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

function useNotices() {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.notices.list,
    queryFn: ({ signal }) =>
      unwrap(client.GET('/api/notices', { params: { query: { limit: NOTICES } }, signal })),
  });
}

/** The ids of requests with news. `openId`: the one that is being read. */
export function useUnread(openId: string | null): ReadonlySet<string> {
  const { user } = useScreen();
  const { data } = useNotices();
  const sinceHere = useSyncExternalStore(subscribe, () => fresh);
  if (owner !== user.id) {
    owner = user.id;
    fresh = new Set();
  }
  useLiveEvents({ actions: ['message.created', 'ticket.updated'] }, ({ ticketId, userId }) => {
    if (ticketId === null || userId === user.id || ticketId === openId || fresh.has(ticketId)) return;
    set(new Set([...fresh, ticketId]));
  });
  return useMemo(() => {
    const told = (data?.items ?? []).flatMap(({ ticketId, readAt }) => (readAt === null ? [ticketId] : []));
    const all = new Set([...told, ...sinceHere]);
    if (openId !== null) all.delete(openId);
    return all;
  }, [data, sinceHere, openId]);
}

/** Says that a request is being read: what one was told of it, also while one looks, is read with it. */
export function useRead(ticketId: string): void {
  const { client } = useScreen();
  const queryClient = useQueryClient();
  const { data } = useNotices();
  const waiting = data?.items.filter(({ readAt }) => readAt === null) ?? [];
  // Older ones than are listed may be of this request.
  const mayBeTold =
    waiting.some((notice) => notice.ticketId === ticketId) || waiting.length < (data?.unread ?? 0);

  useEffect(() => {
    if (fresh.has(ticketId)) set(new Set([...fresh].filter((id) => id !== ticketId)));
  }, [ticketId]);

  useEffect(() => {
    if (!mayBeTold) return;
    const done = new AbortController();
    function read() {
      // Nobody reads a page that nobody sees.
      if (document.visibilityState === 'hidden') return;
      done.abort();
      // Not worth a word when it fails: it is only unread then.
      void unwrap(client.POST('/api/notices/read', { body: { ticketId } })).then(
        () => queryClient.invalidateQueries({ queryKey: queryKeys.notices.list }),
        () => undefined,
      );
    }
    document.addEventListener('visibilitychange', read, { signal: done.signal });
    read();
    return () => done.abort();
  }, [mayBeTold, ticketId, client, queryClient]);
}
