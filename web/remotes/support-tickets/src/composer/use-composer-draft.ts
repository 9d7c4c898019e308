/** What is being written at a ticket, kept on this device until it is sent. */
import { useScreen } from '@flowbit/contract';
import { useCallback, useEffect, useRef, useState } from 'react';
import { readDraft, writeDraft } from '../model/drafts';

export interface ComposerDraft {
  kind: 'reply' | 'note';
  body: string;
}

const EMPTY: ComposerDraft = { kind: 'reply', body: '' };
const SAVE_DELAY_MS = 300;

function isDraft(value: unknown): value is ComposerDraft {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, body } = value as Partial<ComposerDraft>;
  return (kind === 'reply' || kind === 'note') && typeof body === 'string';
}

/** The component that uses it is made anew for each ticket. */
export function useComposerDraft(ticketId: string) {
  const { user } = useScreen();
  const name = `message:${ticketId}`;
  const [draft, setState] = useState<ComposerDraft>(() => {
    const kept = readDraft<unknown>(user, name);
    return isDraft(kept) ? kept : EMPTY;
  });
  const [isKept, setKept] = useState(draft.body !== '');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const unsaved = useRef<ComposerDraft | null>(null);

  const save = useCallback(() => {
    clearTimeout(timer.current);
    const latest = unsaved.current;
    if (!latest) return;
    unsaved.current = null;
    const isEmpty = latest.body.trim() === '' && latest.kind === 'reply';
    setKept(writeDraft(user, name, isEmpty ? null : latest));
  }, [user, name]);

  const setDraft = useCallback(
    (next: ComposerDraft) => {
      setState(next);
      setKept(false);
      unsaved.current = next;
      clearTimeout(timer.current);
      timer.current = setTimeout(save, SAVE_DELAY_MS);
    },
    [save],
  );

  useEffect(() => {
    window.addEventListener('pagehide', save);
    return () => {
      window.removeEventListener('pagehide', save);
      save();
    };
  }, [save]);

  const clearDraft = useCallback(() => {
    clearTimeout(timer.current);
    unsaved.current = null;
    setState((before) => ({ ...before, body: '' }));
    writeDraft(user, name, null);
    setKept(false);
  }, [user, name]);

  return { draft, setDraft, clearDraft, isKept };
}
