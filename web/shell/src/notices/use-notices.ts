/** What one was told: read anew as the ledger goes on; marked as read at once, and taken back if that fails. */
import {
  type NoticePage,
  type NoticeSettings,
  type NoticeSettingsPatch,
  queryKeys,
  type Screen,
  unwrap,
} from '@flowbit/api';
import { defineMessages, describeError, useLocalStorage, useMessages } from '@flowbit/ui';
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useServices } from '../app/services';
import { basePathOf, findScreenOf, hrefWithin } from '../routing/resolve';
import { showToast } from '../toasts/store';
import { noticeWords } from './notice-words';
import { isQuiet } from './quiet-hours';

/** So many are shown, and added by each step into the past. */
const SHOWN = 50;

const words = defineMessages({
  en: { notRead: 'Could not be marked as read', notSet: 'The setting was not saved' },
  de: {
    notRead: 'Konnte nicht als gelesen markiert werden',
    notSet: 'Die Einstellung wurde nicht gespeichert',
  },
});

export function useNotices() {
  const { client } = useServices();
  return useQuery({
    queryKey: queryKeys.notices.list,
    queryFn: ({ signal }) =>
      unwrap(client.GET('/api/notices', { params: { query: { limit: SHOWN } }, signal })),
  });
}

/** What comes after the page that ends at `cursor`, once it is wanted. */
export function useOlderNotices(cursor: string | null, isWanted: boolean) {
  const { client } = useServices();
  return useInfiniteQuery({
    queryKey: [...queryKeys.notices.list, 'older', cursor],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET('/api/notices', {
          params: { query: { limit: SHOWN, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: cursor,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: isWanted && cursor !== null,
    // Something new moves the page's end by one: what is shown stays until that is read.
    placeholderData: keepPreviousData,
  });
}

type Notice = NoticePage['items'][number];

/** Where a notice leads, if the person has the screen that shows it. */
export function hrefOfNotice(notice: Notice, screens: readonly Screen[] | undefined): string | null {
  const screen = findScreenOf(screens ?? [], notice.module);
  return screen ? hrefWithin(basePathOf(screen), '/', notice.path) : null;
}

function useFailure() {
  const describe = useMessages(describeError);
  return (title: string, error: unknown) => {
    const failure = describe(error);
    showToast({ kind: 'error', title, detail: `${failure.title}. ${failure.meaning}`, key: 'notices' });
  };
}

/** Marks one as read, or (`all`) that one and all before it. */
export function useReadNotices() {
  const { client } = useServices();
  const text = useMessages(words);
  const fail = useFailure();
  const queryClient = useQueryClient();
  const queryKey = queryKeys.notices.list;
  return useMutation({
    mutationFn: ({ id, all }: { id: string; all: boolean }) =>
      unwrap(client.POST('/api/notices/read', { body: all ? { upTo: id } : { ids: [id] } })),
    onMutate: async ({ id, all }) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData<NoticePage>(queryKey);
      if (before) {
        const now = new Date().toISOString();
        const isMeant = (notice: Notice) => notice.readAt === null && (all || notice.id === id);
        const items = before.items.map((notice) => (isMeant(notice) ? { ...notice, readAt: now } : notice));
        const unread = all ? 0 : Math.max(0, before.unread - before.items.filter(isMeant).length);
        queryClient.setQueryData<NoticePage>(queryKey, { ...before, items, unread });
      }
      return before;
    },
    onError: (error, _which, before) => {
      queryClient.setQueryData(queryKey, before);
      fail(text.notRead, error);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
}

export function useNoticeSettings() {
  const { client } = useServices();
  return useQuery({
    queryKey: queryKeys.notices.settings,
    queryFn: ({ signal }) => unwrap(client.GET('/api/me/notices', { signal })),
  });
}

export function useSetNotices() {
  const { client } = useServices();
  const text = useMessages(words);
  const fail = useFailure();
  const queryClient = useQueryClient();
  const queryKey = queryKeys.notices.settings;
  return useMutation({
    mutationFn: (patch: NoticeSettingsPatch) => unwrap(client.PATCH('/api/me/notices', { body: patch })),
    onMutate: async (patch) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData<NoticeSettings>(queryKey);
      if (before) queryClient.setQueryData<NoticeSettings>(queryKey, { ...before, ...patch });
      return before;
    },
    onError: (error, _patch, before) => {
      queryClient.setQueryData(queryKey, before);
      fail(text.notSet, error);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
}

/** Whether this browser may ring: it was asked for here, and the browser lets it. */
export function useDesktopConsent() {
  const [isWanted, setWanted] = useLocalStorage({ key: 'flowbit-desktop-notices', defaultValue: false });
  const isPossible = typeof Notification !== 'undefined';
  const isAllowed = isPossible && Notification.permission === 'granted';
  return {
    isPossible,
    isDenied: isPossible && Notification.permission === 'denied',
    isOn: isWanted && isAllowed,
    async set(wanted: boolean) {
      const isGranted = wanted && (await Notification.requestPermission()) === 'granted';
      setWanted(isGranted);
    },
  };
}

function ring(title: string, notice: Notice, onOpen: () => void) {
  try {
    const shown = new Notification(title, { body: `#${notice.number} ${notice.title}`, tag: notice.id });
    shown.onclick = () => {
      window.focus();
      onOpen();
    };
  } catch {
    // Browsers of Android grant it and then throw: they let service workers ring and nobody else. The bell shows it.
  }
}

/** Rings for what is new while the page is out of sight, unless it is to be quiet. */
export function useDesktopNotices(screens: readonly Screen[] | undefined): void {
  const { router } = useServices();
  const text = useMessages(noticeWords);
  const page = useNotices().data;
  const settings = useNoticeSettings().data;
  const { isOn } = useDesktopConsent();
  const known = useRef<Set<string> | null>(null);
  useEffect(() => {
    if (!page) return;
    const before = known.current;
    known.current = new Set(page.items.map(({ id }) => id));
    if (before === null || !isOn || document.visibilityState !== 'hidden') return;
    if (!settings || isQuiet(settings.quietHours, new Date())) return;
    for (const notice of page.items) {
      if (notice.readAt !== null || before.has(notice.id)) continue;
      ring(text[notice.kind](notice.actorName), notice, () => {
        const href = hrefOfNotice(notice, screens);
        if (href) router.navigate(href);
      });
    }
  }, [page, settings, isOn, screens, router, text]);
}
