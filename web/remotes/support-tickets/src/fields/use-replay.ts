/** Running a workflow again (admins). */
import { queryKeys, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, describeError, useMessages } from '@flowbit/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';

const words = defineMessages({
  en: { started: 'The workflow runs again', failed: 'The workflow was not started again' },
  de: {
    started: 'Der Workflow läuft noch einmal',
    failed: 'Der Workflow wurde nicht noch einmal gestartet',
  },
});

export function useReplay(ticketId: string) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { client, toast } = useScreen();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (deliveryId: string) =>
      unwrap(client.POST('/api/admin/deliveries/{id}/replay', { params: { path: { id: deliveryId } } })),
    onSuccess: () => {
      toast({ kind: 'success', title: text.started, key: `replay:${ticketId}` });
      void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.detail(ticketId) });
      void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.events(ticketId) });
    },
    onError: (error) => {
      const { title, meaning } = describe(error);
      toast({
        kind: 'error',
        title: text.failed,
        detail: `${title}. ${meaning}`,
        key: `replay:${ticketId}`,
      });
    },
  });
}
