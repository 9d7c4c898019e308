/** The new ticket's text, kept on this device for the person until it exists. */
import { useKept } from '@flowbit/contract';
import { useCallback } from 'react';
import { emptyDraft, type TicketDraft } from './ticket-draft';

function restore(kept: unknown): TicketDraft {
  const empty = emptyDraft();
  if (typeof kept !== 'object' || kept === null) return empty;
  return { ...empty, ...(kept as Partial<TicketDraft>) };
}

function hasText({ title, description, tags }: TicketDraft): boolean {
  return title.trim() !== '' || description.trim() !== '' || tags.length > 0;
}

export function useTicketDraft() {
  const { value, set, reset, isKept } = useKept<TicketDraft>({
    name: 'new-ticket',
    restore,
    isWorthKeeping: hasText,
  });
  const setDraft = useCallback(
    (change: Partial<TicketDraft>) => set((before) => ({ ...before, ...change, key: crypto.randomUUID() })),
    [set],
  );
  const clearDraft = useCallback(() => reset(emptyDraft()), [reset]);
  return { draft: value, setDraft, clearDraft, isKept, isEmpty: !hasText(value) };
}
