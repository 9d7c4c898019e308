/** What woke a snoozed ticket, if nobody did it by hand. Pure. */
import type { LedgerEvent } from '@flowbit/api';

export type WakeCause = 'time' | 'reply';

function momentOf({ timestamp, actor }: LedgerEvent): string {
  return `${timestamp} ${actor.id}`;
}

/** When somebody wrote: a message and what it causes are of one moment. */
export function momentsOfMessages(events: readonly LedgerEvent[]): ReadonlySet<string> {
  return new Set(events.filter(({ action }) => action === 'message.created').map(momentOf));
}

/** `moments`: those of the ticket's messages. */
export function findWakeCause(event: LedgerEvent, moments: ReadonlySet<string>): WakeCause | null {
  if (event.actor.kind === 'system') return 'time';
  return moments.has(momentOf(event)) ? 'reply' : null;
}
