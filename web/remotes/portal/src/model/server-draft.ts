/**
 * An answer that is being written, kept on the server as well: it is there on one's other devices. This device keeps it
 * first (`useKept`); the server gets it when the hand rests. Sending removes it there.
 */
import { type Draft, isApiError, unwrap } from '@flowbit/api';
import { readKept, useConnectionState, useScreen, writeKept } from '@flowbit/contract';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { AnswerDraft } from './answer-draft';
import { createDraftSaver } from './draft-saver';

/** Until the server is asked again, should it not have answered. */
const AGAIN_MS = 3_000;
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
  const isLive = useConnectionState().kind === 'live';
  /** What the server has; undefined while nobody knows. */
  const [saved, setSaved] = useState<string | undefined>(undefined);
  const saver = useMemo(
    () =>
      createDraftSaver({
        save: (body, isLeaving) =>
          unwrap(
            client.PUT('/api/tickets/{id}/drafts', {
              params: { path: { id: ticketId } },
              body: { kind: 'reply', body },
              keepalive: isLeaving && body.length <= OUTLIVING_MAX,
            }),
          ),
        onKnown(body) {
          setSaved(body);
          if (body !== undefined) writeKept(user, savedName(ticketId), body === '' ? null : body);
        },
      }),
    [client, user, ticketId],
  );

  const { body } = draft;
  useEffect(() => saver.change(body), [saver, body]);

  const [asking, setAsking] = useState<'now' | 'later' | 'over'>('now');
  const latest = useRef(draft);
  useEffect(() => {
    latest.current = draft;
  });
  useEffect(() => {
    if (asking !== 'now') return;
    const leaving = new AbortController();
    const { signal } = leaving;
    unwrap(client.GET('/api/tickets/{id}/drafts', { params: { path: { id: ticketId } }, signal })).then(
      ({ items }) => {
        if (signal.aborted) return;
        setAsking('over');
        const server = items.find(({ kind }) => kind === 'reply');
        const base = readKept<string>(user, savedName(ticketId)) ?? '';
        const chosen = chooseText(latest.current, base, server);
        if (chosen !== latest.current.body) take(chosen);
        saver.change(chosen);
        saver.learn(server?.body ?? '');
      },
      // The device has it; without the server's word nothing is saved over what it may have.
      (error: unknown) => {
        if (!signal.aborted) setAsking(isApiError(error) && !error.isTransient ? 'over' : 'later');
      },
    );
    return () => leaving.abort();
  }, [client, user, ticketId, asking, saver, take]);

  useEffect(() => {
    if (!isLive) return;
    saver.retry();
    if (asking !== 'later') return;
    const timer = setTimeout(() => setAsking('now'), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [asking, isLive, saver]);

  // Who goes away leaves nothing behind.
  useEffect(() => {
    const leave = () => saver.flush(true);
    const hide = () => {
      if (document.visibilityState === 'hidden') leave();
    };
    saver.open();
    window.addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', hide);
    return () => {
      window.removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', hide);
      saver.close();
    };
  }, [saver]);

  return {
    isSaved: saved !== undefined && saved !== '' && saved === body,
    hold: saver.hold,
    release: saver.release,
  };
}
