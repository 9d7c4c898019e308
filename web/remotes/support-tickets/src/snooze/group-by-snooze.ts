/** Tickets that were snoozed alike, for putting many of them back as they were. Pure. */
import type { Ticket } from '@flowbit/api';

export interface AlikeSnoozed {
  /** As the server takes it: null for those that were not snoozed. */
  snooze: { until: string | null } | null;
  tickets: Ticket[];
}

export function groupBySnooze(tickets: readonly Ticket[]): AlikeSnoozed[] {
  const groups = new Map<string | null | undefined, AlikeSnoozed>();
  for (const ticket of tickets) {
    const until = ticket.snooze?.until;
    const known = groups.get(until);
    if (known) known.tickets.push(ticket);
    else groups.set(until, { snooze: until === undefined ? null : { until }, tickets: [ticket] });
  }
  return [...groups.values()];
}
