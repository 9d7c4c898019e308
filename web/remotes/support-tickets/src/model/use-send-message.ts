/** Sending a message through the outbox. */
import { type Message, queryKeys, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { OutgoingMessage } from './outbox';
import { outbox } from './stores';

export function useOutgoing(ticketId: string): readonly OutgoingMessage[] {
  const all = useSyncExternalStore(outbox.subscribe, outbox.getSnapshot);
  return useMemo(() => all.filter((message) => message.ticketId === ticketId), [all, ticketId]);
}

export interface SendMessages {
  send(message: Pick<OutgoingMessage, 'ticketId' | 'body' | 'internal' | 'mentions'>): Promise<boolean>;
  retry(key: string): Promise<boolean>;
}

export function useSendMessage(): SendMessages {
  const { client } = useScreen();
  const queryClient = useQueryClient();

  const deliver = useCallback(
    async ({ ticketId, key, body, internal, mentions = [] }: OutgoingMessage) => {
      const message = await unwrap(
        client.POST('/api/tickets/{id}/messages', {
          params: { path: { id: ticketId }, header: { 'Idempotency-Key': key } },
          body: {
            body,
            ...(internal ? { internal } : {}),
            ...(mentions.length > 0 ? { mentions: [...mentions] } : {}),
          },
        }),
      );
      const queryKey = queryKeys.tickets.messages(ticketId);
      // A refresh that began before would bring an answer without it.
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData<Message[]>(queryKey, (known) =>
        known?.some(({ id }) => id === message.id) ? known : [...(known ?? []), message],
      );
      void queryClient.invalidateQueries({ queryKey });
    },
    [client, queryClient],
  );

  return useMemo(
    () => ({
      send: (message) => outbox.send(message, deliver),
      retry: (key) => outbox.retry(key, deliver),
    }),
    [deliver],
  );
}
