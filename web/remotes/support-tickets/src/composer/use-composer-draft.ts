/** What is being written at a ticket, kept on this device until it is sent. */
import { useKept } from '../model/use-kept';
import { type ComposerDraft, hasDraft, readComposerDraft } from './composer-draft';

/** The component that uses it is made anew for each ticket. */
export function useComposerDraft(ticketId: string) {
  return useKept<ComposerDraft>({
    name: `message:${ticketId}`,
    restore: readComposerDraft,
    isWorthKeeping: hasDraft,
  });
}
