/** Where a request stands, in the words of whoever raised it; and whether an answer opens it again. */
import type { Ticket, TicketStatus } from '@flowbit/api';
import { defineMessages, type StateBadgeProps } from '@flowbit/ui';

export const statusWords = defineMessages({
  en: {
    open: 'We have it',
    in_progress: 'We are working on it',
    waiting: 'Waiting for you',
    resolved: 'Solved',
    closed: 'Closed',
  },
  de: {
    open: 'Eingegangen',
    in_progress: 'Wir arbeiten daran',
    waiting: 'Wartet auf Sie',
    resolved: 'Gelöst',
    closed: 'Geschlossen',
  },
});

/** The same signs as at the desk. */
export const STATUS_LOOK: Record<TicketStatus, Pick<StateBadgeProps, 'tone' | 'icon'>> = {
  open: { tone: 'info', icon: 'circle' },
  in_progress: { tone: 'warning', icon: 'circle-half' },
  waiting: { tone: 'violet', icon: 'pause' },
  resolved: { tone: 'success', icon: 'circle-check' },
  closed: { tone: 'neutral', icon: 'circle-minus' },
};

export function isSolved({ status }: Pick<Ticket, 'status'>): boolean {
  return status === 'resolved' || status === 'closed';
}

/**
 * What an answer does: `open`: it goes to a request that is open. `reopens`: it opens a solved one again, until then
 * if there is a limit. `over`: the time for that is past.
 */
export type Reopening = { kind: 'open' } | { kind: 'reopens'; until: string | null } | { kind: 'over' };

export function reopeningOf(
  ticket: Pick<Ticket, 'status'> & { reopenUntil?: string | null },
  now: number,
): Reopening {
  if (!isSolved(ticket)) return { kind: 'open' };
  const until = ticket.reopenUntil ?? null;
  if (until !== null && Date.parse(until) <= now) return { kind: 'over' };
  return { kind: 'reopens', until };
}
