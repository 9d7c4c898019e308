/** Changing a ticket: shown at once, saved behind, taken back in the open if that fails. */
import { isApiError, type Ticket, type UpdateTicket, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, describeError, useMessages } from '@flowbit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { type Conflict, type TicketPatch, withPending } from './pending-changes';
import { fetchTicket, storeTicket } from './queries';
import { pendingChanges } from './stores';

const words = defineMessages({
  en: {
    failed: (number: number) => `#${number} was not changed`,
    retry: 'Try again',
    conflict: (number: number) => `#${number} was changed by someone else meanwhile`,
    conflictDetail: 'Open it to compare and to apply your change again.',
  },
  de: {
    failed: (number: number) => `#${number} wurde nicht geändert`,
    retry: 'Noch einmal',
    conflict: (number: number) => `#${number} wurde inzwischen von jemand anderem geändert`,
    conflictDetail: 'Öffnen Sie es, um zu vergleichen und Ihre Änderung noch einmal anzuwenden.',
  },
});

export type ChangeTicket = (ticket: Ticket, patch: TicketPatch) => Promise<boolean>;

/** Resolves to whether the change was saved; what went wrong has been said by then. */
export function useChangeTicket(): ChangeTicket {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { client, toast, user, path } = useScreen();
  const queryClient = useQueryClient();

  return useCallback(
    async function change(ticket: Ticket, patch: TicketPatch): Promise<boolean> {
      async function save(id: string, body: UpdateTicket) {
        const saved = await unwrap(client.PATCH('/api/tickets/{id}', { params: { path: { id } }, body }));
        storeTicket(queryClient, saved, user.id);
        return saved;
      }
      try {
        await pendingChanges.submit(ticket, patch, save);
        return true;
      } catch (error) {
        if (isApiError(error, 'conflict')) {
          const now = await fetchTicket(queryClient, client, ticket.id).catch(() => null);
          if (now) {
            storeTicket(queryClient, now, user.id);
            pendingChanges.setConflict(ticket.id, { patch, before: ticket, now });
            // The open ticket says it itself.
            if (path !== `/${ticket.id}`) {
              toast({
                kind: 'warning',
                title: text.conflict(ticket.number),
                detail: text.conflictDetail,
                key: `conflict:${ticket.id}`,
              });
            }
            return false;
          }
        }
        const { title, meaning } = describe(error);
        const reasons = isApiError(error) ? Object.values(error.fieldErrors).join(' ') : '';
        toast({
          kind: 'error',
          title: text.failed(ticket.number),
          detail: `${title}. ${reasons || meaning}`,
          action: { label: text.retry, run: () => void change(ticket, patch) },
          key: `change:${ticket.id}`,
        });
        return false;
      }
    },
    [client, queryClient, toast, text, describe, user.id, path],
  );
}

function useChangeSnapshot() {
  return useSyncExternalStore(pendingChanges.subscribe, pendingChanges.getSnapshot);
}

/** The ticket as this person left it, with what is not saved yet. */
export function usePendingTicket<T extends Ticket | undefined>(ticket: T): T {
  const pending = useChangeSnapshot().pending.get(ticket?.id ?? '');
  return useMemo(() => (ticket ? (withPending(ticket, pending) as T) : ticket), [ticket, pending]);
}

/** Which fields of a ticket wait for the server. */
export function useUnsavedFields(ticketId: string): ReadonlySet<string> {
  const pending = useChangeSnapshot().pending.get(ticketId);
  return useMemo(() => new Set((pending ?? []).flatMap(({ patch }) => Object.keys(patch))), [pending]);
}

export function useConflict(ticketId: string): Conflict | null {
  return useChangeSnapshot().conflicts.get(ticketId) ?? null;
}
