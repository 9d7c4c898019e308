/** Where a ticket that was merged leads, and how one came to where it led. */
import type { Ticket } from '@flowbit/api';
import type { OtherTicket } from '../conversation/reference';

export interface LeadInput {
  /** The ticket of the address; undefined while nothing is known of it. */
  ticket: Ticket | undefined;
  /** The address asks for the ticket as it is. */
  isOriginal: boolean;
  /** It was open here before it was merged: nobody's page goes away under their hands. */
  wasOpen: boolean;
  /** The ticket that it was merged into. */
  target: 'coming' | 'there' | 'gone' | 'unknown';
}

/** `wait`: until it is known whether the other one is still there. */
export function leadOf({ ticket, isOriginal, wasOpen, target }: LeadInput): 'stay' | 'wait' | 'go' {
  if (!ticket || ticket.mergedInto === null || isOriginal || wasOpen) return 'stay';
  if (target === 'there') return 'go';
  return target === 'coming' ? 'wait' : 'stay';
}

/** How one came to a ticket: from one that leads there. */
export interface Arrival {
  at: string;
  from: OtherTicket;
}

/** The arrival where `ticket` leads. Along a chain it is the first one that one has come from. */
export function arriveFrom(ticket: Ticket, before: Arrival | null): Arrival | null {
  const { id, number, mergedInto } = ticket;
  if (mergedInto === null) return null;
  return { at: mergedInto.id, from: before?.at === id ? before.from : { id, number } };
}
