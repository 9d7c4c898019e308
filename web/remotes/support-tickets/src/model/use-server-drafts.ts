/** Keeps the drafts of whoever is signed in on the server, as long as the page is there. */
import { type DraftKind, unwrap } from '@flowbit/api';
import { readKept, useConnectionState, useScreen, writeKept } from '@flowbit/contract';
import { useEffect, useLayoutEffect } from 'react';
import { readRemembered } from './server-drafts';
import { serverDrafts } from './stores';

/** Browsers let no more than 64 KiB outlive a page, and a character may take four bytes. */
const OUTLIVING_MAX = 15_000;

let owner: string | null = null;

export function useServerDrafts(): void {
  const { client, user } = useScreen();
  const isLive = useConnectionState().kind === 'live';

  // Before any composer asks for what is kept.
  useLayoutEffect(() => {
    if (owner === user.id) return;
    owner = user.id;
    const nameOf = (ticketId: string, kind: DraftKind) => `saved:${ticketId}:${kind}`;
    serverDrafts.connect({
      save: async (id, kind, { body, html }, isLeaving) => {
        const { items } = await unwrap(
          client.PUT('/api/tickets/{id}/drafts', {
            params: { path: { id } },
            body: { kind, body, ...(html === null ? {} : { html }) },
            keepalive: isLeaving && body.length + (html?.length ?? 0) <= OUTLIVING_MAX,
          }),
        );
        return items.find((item) => item.kind === kind) ?? null;
      },
      recall: (ticketId, kind) => readRemembered(readKept<unknown>(user, nameOf(ticketId, kind))),
      remember(ticketId, kind, draft) {
        writeKept(user, nameOf(ticketId, kind), draft);
      },
    });
  }, [client, user]);

  useEffect(() => {
    if (isLive) serverDrafts.retry();
  }, [isLive]);

  useEffect(() => {
    const leave = () => serverDrafts.flush({ isLeaving: true });
    const hide = () => {
      if (document.visibilityState === 'hidden') leave();
    };
    window.addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', hide);
    return () => {
      window.removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', hide);
    };
  }, []);
}
