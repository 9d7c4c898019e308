/** Sending a message through the outbox. */
import { isApiError, type Message, queryKeys, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { NewMessage, OutgoingMessage } from './outbox';
import { outbox, serverDrafts } from './stores';

export function useOutgoing(ticketId: string): readonly OutgoingMessage[] {
  const all = useSyncExternalStore(outbox.subscribe, outbox.getSnapshot);
  return useMemo(() => all.filter((message) => message.ticketId === ticketId), [all, ticketId]);
}

export interface SendMessages {
  send(message: NewMessage): Promise<boolean>;
  /** Again; what was held back because others had written meanwhile now goes out after what is shown of them. */
  retry(message: OutgoingMessage): Promise<boolean>;
}

/** Whether it waits because somebody else has written, who is to be read first. */
export function hasCollided({ error }: Pick<OutgoingMessage, 'error'>): boolean {
  return isApiError(error, 'conversation_moved');
}

export function useSendMessage(): SendMessages {
  const { client } = useScreen();
  const queryClient = useQueryClient();

  const deliver = useCallback(
    async (outgoing: OutgoingMessage) => {
      const { ticketId, key, body, html = null, internal } = outgoing;
      const { mentions = [], attachments = [], lastMessageId } = outgoing;
      const queryKey = queryKeys.tickets.messages(ticketId);
      const draft = [ticketId, internal ? 'note' : 'reply'] as const;
      serverDrafts.hold(...draft);
      const message = await unwrap(
        client.POST('/api/tickets/{id}/messages', {
          params: { path: { id: ticketId }, header: { 'Idempotency-Key': key } },
          body: {
            ...(html === null ? { body } : { html }),
            ...(internal ? { internal } : {}),
            ...(mentions.length > 0 ? { mentions: [...mentions] } : {}),
            ...(attachments.length > 0 ? { attachments: attachments.map(({ id }) => id) } : {}),
            ...(lastMessageId === undefined ? {} : { lastMessageId }),
          },
        }),
      ).catch(async (error: unknown) => {
        serverDrafts.release(...draft, false);
        // What came first is shown before anybody is asked.
        if (hasCollided({ error })) await queryClient.invalidateQueries({ queryKey });
        throw error;
      });
      serverDrafts.release(...draft, true);
      // A refresh that began before would bring an answer without it.
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData<Message[]>(queryKey, (known) =>
        known?.some(({ id }) => id === message.id) ? known : [...(known ?? []), message],
      );
      void queryClient.invalidateQueries({ queryKey });
      if (attachments.length > 0) {
        void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.attachments(ticketId) });
      }
    },
    [client, queryClient],
  );

  return useMemo(
    () => ({
      send: (message) => outbox.send(message, deliver),
      retry: (message) => {
        const known = queryClient.getQueryData<Message[]>(queryKeys.tickets.messages(message.ticketId));
        const change =
          hasCollided(message) && known ? { lastMessageId: known.at(-1)?.id ?? null } : undefined;
        return outbox.retry(message.key, deliver, change);
      },
    }),
    [deliver, queryClient],
  );
}
