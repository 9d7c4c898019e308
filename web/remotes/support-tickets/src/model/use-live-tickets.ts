/** Keeps lists true and marks as unread what others change, as it happens. */
import { isApiError, type LedgerEvent, queryKeys } from '@flowbit/api';
import { useLiveEvents, useScreen } from '@flowbit/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { dropInLists, fetchTicket, queryOfRows, rowsKey, storeInLists } from './queries';
import { unreadTickets } from './stores';
import { isServersToJudge } from './ticket-pages';

/** Events of one moment are handled together. */
const GATHER_MS = 80;
/** Beyond this, reading the list anew is cheaper than reading ticket by ticket. */
const MAX_SINGLE_READS = 10;

const ACTIONS = ['ticket.*', 'message.*', 'workflow.*'];

/** The workflow's own steps are no news for a reader, only how it ended. */
function isNews(event: LedgerEvent): boolean {
  return event.action !== 'workflow.delivered' && event.action !== 'ticket.deleted';
}

export function useLiveTickets(openId: string | null): void {
  const { client, user } = useScreen();
  const queryClient = useQueryClient();
  const changed = useRef(new Set<string>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  async function refresh(id: string) {
    try {
      storeInLists(queryClient, await fetchTicket(queryClient, client, id), user.id);
    } catch (error) {
      if (isApiError(error, 'not_found')) dropInLists(queryClient, id);
    }
  }

  function flush() {
    const ids = [...changed.current];
    changed.current.clear();
    if (ids.length > MAX_SINGLE_READS) {
      void queryClient.invalidateQueries({ queryKey: rowsKey }, { cancelRefetch: false });
      return;
    }
    for (const id of ids) void refresh(id);
    // Whether words match, only the server can say.
    void queryClient.invalidateQueries(
      {
        queryKey: rowsKey,
        predicate: ({ queryKey }) => isServersToJudge(queryOfRows(queryKey)),
      },
      { cancelRefetch: false },
    );
  }

  useLiveEvents({ actions: ACTIONS }, (event) => {
    const { ticketId } = event;
    if (ticketId === null) return;
    if (event.action === 'ticket.deleted') {
      changed.current.delete(ticketId);
      dropInLists(queryClient, ticketId);
      void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.detail(ticketId) });
      unreadTickets.clear(ticketId);
      return;
    }
    if (event.userId !== user.id && isNews(event) && ticketId !== openId) unreadTickets.mark(ticketId);
    changed.current.add(ticketId);
    clearTimeout(timer.current);
    timer.current = setTimeout(flush, GATHER_MS);
  });
}
