/** Who watches a ticket, and watching it oneself: shown at once, taken back if it fails. */
import { queryKeys, unwrap, type Watchers } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, describeError, useMessages } from '@flowbit/ui';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

const words = defineMessages({
  en: { failed: 'Watching could not be changed' },
  de: { failed: 'Das Beobachten konnte nicht geändert werden' },
});

export function useWatchers(ticketId: string) {
  const { client, can } = useScreen();
  return useQuery({
    queryKey: queryKeys.tickets.watchers(ticketId),
    queryFn: ({ signal }) =>
      unwrap(client.GET('/api/tickets/{id}/watchers', { params: { path: { id: ticketId } }, signal })),
    enabled: can('agent', 'admin'),
  });
}

export function useWatch(ticketId: string) {
  const { client, user, toast } = useScreen();
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const queryClient = useQueryClient();
  const queryKey = queryKeys.tickets.watchers(ticketId);
  return useMutation({
    mutationFn: (watches: boolean) => {
      const params = { params: { path: { id: ticketId } } };
      return watches
        ? unwrap(client.PUT('/api/tickets/{id}/watch', params))
        : unwrap(client.DELETE('/api/tickets/{id}/watch', params));
    },
    onMutate: async (watches) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData<Watchers>(queryKey);
      const others = before?.items.filter(({ id }) => id !== user.id) ?? [];
      const items = watches ? [...others, { id: user.id, name: user.name }] : others;
      queryClient.setQueryData<Watchers>(queryKey, { items });
      return before;
    },
    onError: (error, _watches, before) => {
      queryClient.setQueryData(queryKey, before);
      const { title, meaning } = describe(error);
      toast({ kind: 'error', title: text.failed, detail: `${title}. ${meaning}`, key: 'watch' });
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey }),
  });
}
