/** Merging a ticket into another one, and undoing it; both lead to where the work goes on. */
import { isApiError, queryKeys, type Ticket, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, describeError, useMessages } from '@flowbit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { fetchTicket, storeTicket } from '../model/queries';
import { ticketPath } from '../model/ticket-path';
import { wantTitleFocus } from '../model/title-focus';

const words = defineMessages({
  en: {
    merged: (number: number, into: number) => `#${number} was merged into #${into}`,
    undo: 'Undo',
    undone: (number: number) => `#${number} stands for itself again`,
    notUndone: (number: number) => `The merge of #${number} was not undone`,
  },
  de: {
    merged: (number: number, into: number) => `#${number} wurde mit #${into} zusammengeführt`,
    undo: 'Rückgängig',
    undone: (number: number) => `#${number} steht wieder für sich`,
    notUndone: (number: number) => `Die Zusammenführung von #${number} wurde nicht aufgehoben`,
  },
});

/** What is needed of the ticket that another one is merged into. */
export type MergeTarget = Pick<Ticket, 'id' | 'number'>;

export interface Merge {
  /** Rejects with the server's refusal. */
  merge(ticket: Ticket, into: MergeTarget): Promise<void>;
  /** What went wrong has been said when it resolves. */
  undo(ticket: Ticket): Promise<void>;
}

export function useMerge(): Merge {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { client, user, navigate, search, toast } = useScreen();
  const queryClient = useQueryClient();

  const undo = useCallback(
    async ({ id, number }: Ticket) => {
      const key = `merge:${id}`;
      try {
        const ticket = await unwrap(client.DELETE('/api/tickets/{id}/merge', { params: { path: { id } } }));
        // Before it is shown: what had the focus is gone by then.
        wantTitleFocus(id);
        storeTicket(queryClient, ticket, user.id);
        void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.counts });
        toast({ kind: 'success', title: text.undone(number), key });
        navigate(ticketPath(id, search));
      } catch (error) {
        if (isApiError(error, 'not_merged')) {
          const now = await fetchTicket(queryClient, client, id).catch(() => null);
          if (now) storeTicket(queryClient, now, user.id);
        }
        const { title, meaning } = describe(error);
        toast({ kind: 'error', title: text.notUndone(number), detail: `${title}. ${meaning}`, key });
      }
    },
    [client, queryClient, user.id, navigate, search, toast, text, describe],
  );

  const merge = useCallback(
    async (ticket: Ticket, into: MergeTarget) => {
      const { id, number } = ticket;
      const merged = await unwrap(
        client.POST('/api/tickets/{id}/merge', { params: { path: { id } }, body: { intoId: into.id } }),
      );
      storeTicket(queryClient, merged, user.id);
      void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.counts });
      void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.events(into.id) });
      toast({
        kind: 'success',
        title: text.merged(number, into.number),
        action: { label: text.undo, run: () => void undo(merged) },
        key: `merge:${id}`,
      });
      wantTitleFocus(into.id);
      // In its place: the way back would only lead here again.
      navigate(ticketPath(into.id, search), { replace: true });
    },
    [client, queryClient, user.id, navigate, search, toast, text, undo],
  );

  return { merge, undo };
}
