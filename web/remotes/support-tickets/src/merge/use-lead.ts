/** Follows a ticket that was merged to the one that it leads to. */
import { isApiError, type Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { useEffect, useState } from 'react';
import type { OtherTicket } from '../conversation/reference';
import { useTicket } from '../model/queries';
import { unreadTickets } from '../model/stores';
import { showsOriginal, ticketPath } from '../model/ticket-path';
import { takeTitleFocus, wantTitleFocus } from '../model/title-focus';
import { type Arrival, arriveFrom, type LeadInput, leadOf } from './lead';

export interface Lead {
  /** Another ticket is about to be shown. */
  isOnWay: boolean;
  /** The ticket that this one was merged into is not there any more. */
  isTargetGone: boolean;
  /** The ticket that has led here. */
  from: OtherTicket | null;
}

function stateOf(target: ReturnType<typeof useTicket>): LeadInput['target'] {
  if (isApiError(target.error, 'not_found')) return 'gone';
  if (target.data !== undefined && !target.isPlaceholderData) return 'there';
  // Without a connection nothing comes: what is known is shown.
  return target.isError || target.fetchStatus === 'paused' ? 'unknown' : 'coming';
}

/** `isKnown`: the ticket is as the server gave it, and not a row of a list. */
export function useLead(ticketId: string, ticket: Ticket | undefined, isKnown: boolean): Lead {
  const { search, navigate } = useScreen();
  const [openedId, setOpenedId] = useState<string | null>(null);
  const [arrival, setArrival] = useState<Arrival | null>(null);
  const into = ticket?.mergedInto?.id ?? null;
  const target = stateOf(useTicket(into));
  const from = arrival?.at === ticketId ? arrival.from : null;
  const origin = useTicket(from?.id ?? null).data;
  const lead = leadOf({
    ticket,
    isOriginal: showsOriginal(search),
    wasOpen: openedId === ticketId,
    target,
  });

  const isOpen = isKnown && ticket !== undefined && ticket.mergedInto === null;
  if (isOpen && openedId !== ticketId) setOpenedId(ticketId);
  if (isOpen && arrival !== null && arrival.at !== ticketId) setArrival(null);

  useEffect(() => {
    if (lead !== 'go' || !ticket || into === null) return;
    unreadTickets.clear(ticket.id);
    setArrival((before) => arriveFrom(ticket, before));
    if (takeTitleFocus(ticket.id)) wantTitleFocus(into);
    navigate(ticketPath(into, search), { replace: true, keepScroll: true });
  }, [lead, ticket, into, search, navigate]);

  return {
    isOnWay: lead !== 'stay',
    isTargetGone: target === 'gone',
    // It may be undone while one is here.
    from: origin?.mergedInto === null ? null : from,
  };
}
