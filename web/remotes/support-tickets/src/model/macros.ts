/** Macros: which a person may use on a ticket, and applying one. */
import { isApiError, type Macro, queryKeys, type Ticket, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, describeError, useMessages } from '@flowbit/ui';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { NewMessage } from './outbox';
import { fetchTicket, storeTicket } from './queries';
import { serverDrafts } from './stores';

const words = defineMessages({
  en: { failed: (name: string) => `“${name}” was not applied` },
  de: { failed: (name: string) => `„${name}“ wurde nicht angewendet` },
});

/** With the answer of each as this ticket would get it. Asked when the list is opened, and kept for the next time. */
export function useMacros(ticketId: string, isWanted: boolean) {
  const { client, can } = useScreen();
  return useQuery({
    queryKey: queryKeys.macros.forTicket(ticketId),
    queryFn: async ({ signal }) =>
      (await unwrap(client.GET('/api/macros', { params: { query: { ticketId } }, signal }))).items,
    enabled: isWanted && can('agent', 'admin'),
    refetchOnMount: 'always',
  });
}

/** Resolves to whether it was done; what went wrong has been said by then. */
export function useApplyMacro() {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { client, toast, user } = useScreen();
  const queryClient = useQueryClient();
  return useCallback(
    async function apply(
      ticket: Ticket,
      macro: Macro,
      said: Pick<NewMessage, 'body' | 'html' | 'mentions' | 'attachments' | 'lastMessageId'>,
      key: string,
    ): Promise<boolean> {
      // Without a text it sends nothing.
      const isSending = said.body !== '';
      const draft = [ticket.id, macro.internal ? 'note' : 'reply'] as const;
      if (isSending) serverDrafts.hold(...draft);
      try {
        const done = await unwrap(
          client.POST('/api/tickets/{id}/macros', {
            params: { path: { id: ticket.id }, header: { 'Idempotency-Key': key } },
            body: {
              macroId: macro.id,
              ...(said.html ? { html: said.html } : { body: said.body }),
              version: ticket.version,
              ...(said.mentions?.length ? { mentions: [...said.mentions] } : {}),
              ...(said.attachments?.length ? { attachments: said.attachments.map(({ id }) => id) } : {}),
              ...(said.lastMessageId === undefined ? {} : { lastMessageId: said.lastMessageId }),
            },
          }),
        );
        if (isSending) serverDrafts.release(...draft, true);
        storeTicket(queryClient, done.ticket, user.id);
        void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.messages(ticket.id) });
        if (said.attachments?.length) {
          void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.attachments(ticket.id) });
        }
        void queryClient.invalidateQueries({ queryKey: queryKeys.macros.all });
        return true;
      } catch (error) {
        if (isSending) serverDrafts.release(...draft, false);
        if (isApiError(error, 'conflict')) {
          const now = await fetchTicket(queryClient, client, ticket.id).catch(() => null);
          if (now) storeTicket(queryClient, now, user.id);
        }
        if (isApiError(error, 'conversation_moved')) {
          await queryClient.invalidateQueries({ queryKey: queryKeys.tickets.messages(ticket.id) });
        }
        const { title, meaning } = describe(error);
        const reasons = isApiError(error) ? Object.values(error.fieldErrors).join(' ') : '';
        toast({
          kind: 'error',
          title: text.failed(macro.name),
          detail: `${title}. ${reasons || meaning}`,
          key: `macro:${ticket.id}`,
        });
        return false;
      }
    },
    [client, queryClient, toast, text, describe, user.id],
  );
}
