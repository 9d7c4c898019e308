/** The new ticket's text, kept on this device for the person until it exists. */
import { useScreen } from '@flowbit/contract';
import { useCallback, useEffect, useRef, useState } from 'react';
import { readDraft, writeDraft } from '../model/drafts';
import { emptyDraft, type TicketDraft } from './ticket-draft';

const NAME = 'new-ticket';
const SAVE_DELAY_MS = 300;

function restore(kept: unknown): TicketDraft {
  const empty = emptyDraft();
  if (typeof kept !== 'object' || kept === null) return empty;
  return { ...empty, ...(kept as Partial<TicketDraft>) };
}

function hasText({ title, description, tags }: TicketDraft): boolean {
  return title.trim() !== '' || description.trim() !== '' || tags.length > 0;
}

export function useTicketDraft() {
  const { user } = useScreen();
  const [draft, setState] = useState<TicketDraft>(() => restore(readDraft<unknown>(user, NAME)));
  const [isKept, setKept] = useState(() => hasText(draft));
  const unsaved = useRef<TicketDraft | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const save = useCallback(() => {
    clearTimeout(timer.current);
    const latest = unsaved.current;
    if (!latest) return;
    unsaved.current = null;
    setKept(writeDraft(user, NAME, hasText(latest) ? latest : null));
  }, [user]);

  useEffect(() => {
    window.addEventListener('pagehide', save);
    return () => {
      window.removeEventListener('pagehide', save);
      save();
    };
  }, [save]);

  const setDraft = useCallback(
    (change: Partial<TicketDraft>) => {
      setState((before) => {
        const next = { ...before, ...change, key: crypto.randomUUID() };
        unsaved.current = next;
        return next;
      });
      setKept(false);
      clearTimeout(timer.current);
      timer.current = setTimeout(save, SAVE_DELAY_MS);
    },
    [save],
  );

  const clearDraft = useCallback(() => {
    clearTimeout(timer.current);
    unsaved.current = null;
    setState(emptyDraft());
    setKept(false);
    writeDraft(user, NAME, null);
  }, [user]);

  return { draft, setDraft, clearDraft, isKept, isEmpty: !hasText(draft) };
}
