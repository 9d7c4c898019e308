/** What is being written at a ticket: kept on this device at once, and on the server when the hand rests. */
import { type DraftKind, isApiError, unwrap } from '@flowbit/api';
import { useConnectionState, useKept, useScreen } from '@flowbit/contract';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { isSame, type Written } from '../editor/written';
import { chooseText, type DraftState } from '../model/server-drafts';
import { serverDrafts } from '../model/stores';
import {
  type ComposerDraft,
  changedKinds,
  dated,
  hasDraft,
  KINDS,
  readComposerDraft,
  withWritten,
  writtenIn,
} from './composer-draft';

/** Until the server is asked again, should it not have answered. */
const AGAIN_MS = 3_000;

export interface KeptComposerDraft {
  value: ComposerDraft;
  set(change: (before: ComposerDraft) => ComposerDraft): void;
  /** The device has it as it is now. */
  isKept: boolean;
  /** How it stands on the server with the text of this kind. */
  state: DraftState;
  /** Saves at once what is not saved. */
  flush(): void;
}

/** The component that uses it is made anew for each ticket. `kind`: which text is shown. */
export function useComposerDraft(ticketId: string, kind: DraftKind | null): KeptComposerDraft {
  const { client } = useScreen();
  const isLive = useConnectionState().kind === 'live';
  const { value, set, isKept } = useKept<ComposerDraft>({
    name: `message:${ticketId}`,
    restore: readComposerDraft,
    isWorthKeeping: hasDraft,
  });
  /** What was typed since the ticket was opened stays, whatever the server has. */
  const touched = useRef(new Set<DraftKind>());
  const hasChosen = useRef(false);

  const change = useCallback(
    (make: (before: ComposerDraft) => ComposerDraft) =>
      set((before) => {
        const after = make(before);
        for (const one of changedKinds(before, after)) touched.current.add(one);
        hasChosen.current = true;
        return dated(before, after, Date.now());
      }),
    [set],
  );

  useEffect(() => {
    for (const one of KINDS) serverDrafts.change(ticketId, one, writtenIn(value, one));
  }, [ticketId, value]);

  const [asking, setAsking] = useState<'now' | 'later' | 'over'>('now');
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  useEffect(() => {
    if (asking !== 'now') return;
    const leaving = new AbortController();
    const { signal } = leaving;
    unwrap(client.GET('/api/tickets/{id}/drafts', { params: { path: { id: ticketId } }, signal })).then(
      ({ items }) => {
        if (signal.aborted) return;
        setAsking('over');
        const taken = new Map<DraftKind, Written>();
        for (const one of KINDS) {
          const server = items.find((item) => item.kind === one) ?? null;
          const here = writtenIn(latest.current, one);
          const local = { ...here, changedAt: latest.current.changedAt[one] };
          const written = touched.current.has(one)
            ? here
            : chooseText(local, serverDrafts.recall(ticketId, one), server);
          serverDrafts.learn(ticketId, one, server, written);
          if (!isSame(written, here)) taken.set(one, written);
        }
        if (taken.size === 0) return;
        const [newest] = items.toSorted((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt));
        set((before) => ({
          ...[...taken].reduce((draft, [one, written]) => withWritten(draft, one, written), before),
          // Who had nothing here goes on where they were elsewhere.
          ...(newest && !hasDraft(before) && !hasChosen.current ? { kind: newest.kind } : {}),
        }));
      },
      (error: unknown) => {
        if (signal.aborted) return;
        for (const one of KINDS) serverDrafts.miss(ticketId, one);
        setAsking(isApiError(error) && !error.isTransient ? 'over' : 'later');
      },
    );
    return () => leaving.abort();
  }, [client, ticketId, asking, set]);

  useEffect(() => {
    if (asking !== 'later' || !isLive) return;
    const timer = setTimeout(() => setAsking('now'), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [asking, isLive]);

  const flush = useCallback(() => serverDrafts.flush({ ticketId }), [ticketId]);
  useEffect(() => flush, [flush]);

  const shown = kind ?? value.kind;
  const state = useSyncExternalStore(serverDrafts.subscribe, () => serverDrafts.getState(ticketId, shown));
  return { value, set: change, isKept, state, flush };
}
