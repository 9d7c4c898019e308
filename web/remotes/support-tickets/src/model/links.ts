/** Which tickets a ticket is linked with, and changing that: shown at once, taken back if it fails. */
import { queryKeys, type TicketLink, type TicketLinks, unwrap } from '@flowbit/api';
import { useLiveEvents, useScreen } from '@flowbit/contract';
import { defineMessages, describeError, useMessages } from '@flowbit/ui';
import { useIsMutating, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

const words = defineMessages({
  en: {
    linked: (number: number) => `Linked with #${number}`,
    unlinked: (number: number) => `No longer linked with #${number}`,
    undo: 'Undo',
    notLinked: (number: number) => `#${number} was not linked`,
    notUnlinked: (number: number) => `#${number} is still linked`,
  },
  de: {
    linked: (number: number) => `Mit #${number} verknüpft`,
    unlinked: (number: number) => `Nicht mehr mit #${number} verknüpft`,
    undo: 'Rückgängig',
    notLinked: (number: number) => `#${number} wurde nicht verknüpft`,
    notUnlinked: (number: number) => `#${number} ist weiter verknüpft`,
  },
});

/** With one more or one less; the newest link stands first. */
export function setLink(links: TicketLinks | undefined, link: TicketLink, isLinked: boolean): TicketLinks {
  const others = (links?.items ?? []).filter(({ ticket }) => ticket.id !== link.ticket.id);
  if (!isLinked) return { items: others };
  const items = [...others, link].toSorted((a, b) => Date.parse(b.linkedAt) - Date.parse(a.linkedAt));
  return { items };
}

export function useLinks(ticketId: string) {
  const { client, can } = useScreen();
  const queryClient = useQueryClient();
  const queryKey = queryKeys.tickets.links(ticketId);
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) =>
      unwrap(client.GET('/api/tickets/{id}/links', { params: { path: { id: ticketId } }, signal })),
    enabled: can('agent', 'admin'),
  });
  const linked = query.data?.items;
  // They show how the other tickets are called and where they stand.
  useLiveEvents({ actions: ['ticket.*'] }, (event) => {
    if (linked?.some(({ ticket }) => ticket.id === event.ticketId)) {
      void queryClient.invalidateQueries({ queryKey });
    }
  });
  return query;
}

function changingKey(ticketId: string) {
  return ['tickets', 'linking', ticketId] as const;
}

/** Whether a change is on its way, from wherever. */
export function useIsLinking(ticketId: string): boolean {
  return useIsMutating({ mutationKey: changingKey(ticketId) }) > 0;
}

export interface LinkChange {
  link: TicketLink;
  isLinked: boolean;
  /** It takes another change back, and is not offered to be taken back itself. */
  isUndo?: boolean;
}

export function useChangeLink(ticketId: string) {
  const { client, toast } = useScreen();
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const queryClient = useQueryClient();
  const queryKey = queryKeys.tickets.links(ticketId);

  const show = ({ link, isLinked }: LinkChange) =>
    queryClient.setQueryData<TicketLinks>(queryKey, (known) => setLink(known, link, isLinked));

  const mutation = useMutation({
    mutationKey: changingKey(ticketId),
    mutationFn: ({ link, isLinked }: LinkChange) =>
      unwrap(
        client.PUT('/api/tickets/{id}/links', {
          params: { path: { id: ticketId } },
          body: { ticketId: link.ticket.id, linked: isLinked },
        }),
      ),
    onMutate: async (change) => {
      await queryClient.cancelQueries({ queryKey });
      show(change);
    },
    onSuccess: (_answer, change) => {
      const { number } = change.link.ticket;
      toast({
        kind: 'success',
        title: (change.isLinked ? text.linked : text.unlinked)(number),
        key: `link:${ticketId}`,
        ...(change.isUndo
          ? {}
          : {
              action: {
                label: text.undo,
                run: () => mutation.mutate({ ...change, isLinked: !change.isLinked, isUndo: true }),
              },
            }),
      });
    },
    onError: (error, change) => {
      show({ ...change, isLinked: !change.isLinked });
      const { title, meaning } = describe(error);
      const { number } = change.link.ticket;
      toast({
        kind: 'error',
        title: (change.isLinked ? text.notLinked : text.notUnlinked)(number),
        detail: `${title}. ${meaning}`,
        key: `link:${ticketId}`,
      });
    },
    onSettled: (_answer, _error, { link }) =>
      Promise.all([
        queryClient.invalidateQueries({ queryKey }),
        queryClient.invalidateQueries({ queryKey: queryKeys.tickets.links(link.ticket.id) }),
      ]),
  });
  return mutation;
}
