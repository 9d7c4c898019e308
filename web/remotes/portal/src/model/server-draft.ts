/**
 * An answer that is being written, kept on the server as well: it is there on one's other devices. This device keeps it
 * first (`useKept`); the server gets it when the hand rests. Sending removes it there.
 */
import { type Draft, unwrap } from '@flowbit/api';
import { readKept, useScreen, writeKept } from '@flowbit/contract';
import { useCallback, useEffect, useRef, useState } from 'react';
import { ANSWER_MAX, type AnswerDraft } from './answer-draft';

/** So long nobody types before it is saved. */
const PAUSE_MS = 1_200;
/** Browsers let no more than 64 KiB outlive a page, and a character may take four bytes. */
const OUTLIVING_MAX = 15_000;

/** Where the device remembers what the server had when it was last heard of. */
function savedName(ticketId: string): string {
  return `answer-saved:${ticketId}`;
}

/** Which text goes on when a request is opened. `base`: what the server had when this device last heard of it. */
export function chooseText(local: AnswerDraft, base: string, server: Draft | undefined): string {
  const theirs = server?.body ?? '';
  if (theirs === base) return local.body;
  // Sent, thrown away or written on elsewhere, and nothing here since.
  if (local.body === base) return theirs;
  // Neither is thrown away: what the one has the other may lack.
  if (local.body.includes(theirs)) return local.body;
  if (theirs.includes(local.body)) return theirs;
  const texts = [theirs, local.body];
  if (server && local.changedAt < Date.parse(server.updatedAt)) texts.reverse();
  return texts.join('\n\n');
}

export interface ServerDraft {
  /** The server has the text as it is now. */
  isSaved: boolean;
  /** Nothing is saved from now on: the answer goes out. */
  hold(): void;
  /** `wasSent`: the server has removed it. */
  release(wasSent: boolean): void;
}

/** `take`: puts the text into the box that goes on. */
export function useServerDraft(
  ticketId: string,
  draft: AnswerDraft,
  take: (body: string) => void,
): ServerDraft {
  const { client, user } = useScreen();
  /** What the server has; undefined while nobody knows. */
  const [saved, setSaved] = useState<string | undefined>(undefined);
  const isHeld = useRef(false);
  const isBusy = useRef(false);
  const hasRaced = useRef(false);
  /** What is on its way, one after the other. */
  const way = useRef<Promise<void>>(Promise.resolve());
  const latest = useRef(draft);
  const known = useRef<string | undefined>(undefined);
  useEffect(() => {
    latest.current = draft;
    known.current = saved;
  });
  const learn = useCallback(
    (body: string) => {
      setSaved(body);
      writeKept(user, savedName(ticketId), body === '' ? null : body);
    },
    [user, ticketId],
  );

  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    unwrap(client.GET('/api/tickets/{id}/drafts', { params: { path: { id: ticketId } }, signal })).then(
      ({ items }) => {
        const server = items.find(({ kind }) => kind === 'reply');
        const base = readKept<string>(user, savedName(ticketId)) ?? '';
        const body = chooseText(latest.current, base, server);
        learn(server?.body ?? '');
        if (body !== latest.current.body) take(body);
      },
      // The device has it; without the server's word nothing is saved over what it may have.
      () => undefined,
    );
    return () => leaving.abort();
  }, [client, user, ticketId, take, learn]);

  const put = useCallback(
    (body: string, keepalive: boolean) => {
      if (body.length > ANSWER_MAX) return;
      known.current = body;
      way.current = way.current.then(async () => {
        if (isHeld.current) return;
        isBusy.current = true;
        try {
          await unwrap(
            client.PUT('/api/tickets/{id}/drafts', {
              params: { path: { id: ticketId } },
              body: { kind: 'reply', body },
              keepalive,
            }),
          );
          learn(body);
        } catch {
          // It is kept on this device; the next stroke tries again.
        }
        isBusy.current = false;
      });
    },
    [client, ticketId, learn],
  );

  const wanted = draft.body.trim() === '' ? '' : draft.body;
  useEffect(() => {
    if (saved === undefined || saved === wanted) return;
    const timer = setTimeout(() => put(wanted, false), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [saved, wanted, put]);

  // Who goes away leaves nothing behind.
  useEffect(() => {
    function leave() {
      const body = latest.current.body.trim() === '' ? '' : latest.current.body;
      if (known.current === undefined || known.current === body || isHeld.current) return;
      put(body, body.length <= OUTLIVING_MAX);
    }
    function hide() {
      if (document.visibilityState === 'hidden') leave();
    }
    window.addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', hide);
    return () => {
      window.removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', hide);
      leave();
    };
  }, [put]);

  return {
    isSaved: saved !== undefined && saved !== '' && saved === draft.body,
    hold() {
      isHeld.current = true;
      hasRaced.current = isBusy.current;
    },
    release(wasSent) {
      isHeld.current = false;
      if (!wasSent) return;
      learn('');
      // What was on its way may have come after the answer that removed it.
      if (hasRaced.current) put('', false);
    },
  };
}
