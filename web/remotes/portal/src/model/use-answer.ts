/** The answer to one request: written, kept, sent. */
import { isApiError, type Message, queryKeys, type Ticket, unwrap } from '@flowbit/api';
import { useUploads } from '@flowbit/attachments';
import { useKept, useScreen } from '@flowbit/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import {
  type AnswerDraft,
  attemptWith,
  changeAnswer,
  draftName,
  emptyAnswer,
  hasAnswer,
  readAnswer,
} from './answer-draft';
import { useServerDraft } from './server-draft';

interface Answer {
  body: string;
  attachments?: string[];
}

/** The component that uses it is made anew for each request. */
export function useAnswer(ticketId: string) {
  const { client } = useScreen();
  const queryClient = useQueryClient();
  const kept = useKept<AnswerDraft>({
    name: draftName(ticketId),
    restore: readAnswer,
    isWorthKeeping: hasAnswer,
  });
  const { set, reset } = kept;
  const write = useCallback((body: string) => set(() => changeAnswer(body, Date.now())), [set]);
  const server = useServerDraft(ticketId, kept.value, write);
  const uploads = useUploads(draftName(ticketId));

  const sending = useMutation({
    mutationFn: ({ body, key, files }: AnswerDraft) => {
      const answer: Answer = {
        body: body.trim(),
        ...(files.length === 0 ? {} : { attachments: [...files] }),
      };
      return unwrap(
        client.POST('/api/tickets/{id}/messages', {
          params: { path: { id: ticketId }, header: { 'Idempotency-Key': key } },
          body: answer,
        }),
      );
    },
    onSuccess: async (message) => {
      const queryKey = queryKeys.tickets.messages(ticketId);
      // A refresh that began before would bring an answer without it.
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData<Message[]>(queryKey, (known) =>
        known?.some(({ id }) => id === message.id) ? known : [...(known ?? []), message],
      );
      void queryClient.invalidateQueries({ queryKey });
      void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.detail(ticketId) });
    },
    onError: (error) => {
      // The time ended on the way, or on another clock: the request says until when it was.
      if (!isApiError(error, 'reopen_expired')) return;
      queryClient.setQueryData<Ticket>(queryKeys.tickets.detail(ticketId), (known) =>
        known ? { ...known, reopenUntil: new Date(0).toISOString() } : known,
      );
      void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.detail(ticketId) });
    },
  });

  async function send(): Promise<void> {
    server.hold();
    let wasSent = false;
    const attempt = attemptWith(
      kept.value,
      uploads.ready.map(({ id }) => id),
    );
    set(() => attempt);
    try {
      await sending.mutateAsync(attempt);
      wasSent = true;
      reset(emptyAnswer());
      uploads.take();
    } catch {
      // `error` says it, and the text stays.
    }
    server.release(wasSent);
  }

  return {
    draft: kept.value,
    write(body: string) {
      if (sending.isError) sending.reset();
      write(body);
    },
    uploads,
    send,
    isSending: sending.isPending,
    error: sending.error,
    isKept: kept.isKept,
    isSaved: server.isSaved,
  };
}
