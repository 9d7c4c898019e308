/** What the ledger says of a ticket and another one: a split, a merge, a link. */
import type { Json, LedgerEvent } from '@flowbit/api';

const DEEDS = {
  'ticket.split': { into: 'splitInto', from: 'splitFrom' },
  'ticket.merged': { into: 'mergedInto', from: 'mergedFrom' },
  'ticket.unmerged': { into: 'unmergedInto', from: 'unmergedFrom' },
  'ticket.linked': { with: 'linked' },
  'ticket.unlinked': { with: 'unlinked' },
} as const;

/** What was done: `mergedFrom`, as this ticket has it, is `mergedInto` as the other has it. */
export type Deed =
  | 'splitInto'
  | 'splitFrom'
  | 'mergedInto'
  | 'mergedFrom'
  | 'unmergedInto'
  | 'unmergedFrom'
  | 'linked'
  | 'unlinked';

export interface OtherTicket {
  id: string;
  number: number;
}

export interface Reference extends OtherTicket {
  deed: Deed;
}

function otherOf(value: Json | undefined): OtherTicket | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const { id, number } = value;
  return typeof id === 'string' && typeof number === 'number' ? { id, number } : null;
}

/** The other ticket, if the event is about one. */
export function referenceOf({ action, data }: Pick<LedgerEvent, 'action' | 'data'>): Reference | null {
  if (!Object.hasOwn(DEEDS, action)) return null;
  for (const [way, deed] of Object.entries(DEEDS[action as keyof typeof DEEDS])) {
    const other = otherOf(data[way]);
    if (other !== null) return { deed, ...other };
  }
  return null;
}

/** The events, oldest first, by which another ticket was merged into this one and still is: their ids. */
export function standingMerges(events: readonly LedgerEvent[]): ReadonlySet<string> {
  const standing = new Map<string, string>();
  for (const event of events) {
    const reference = referenceOf(event);
    if (reference?.deed === 'mergedFrom') standing.set(reference.id, event.id);
    if (reference?.deed === 'unmergedFrom') standing.delete(reference.id);
  }
  return new Set(standing.values());
}
