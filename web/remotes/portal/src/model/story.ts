/** What is read of a request, oldest first: what was written, when it was solved or opened again, what was merged. */
import type { Json, LedgerEvent, Message, Timestamp } from '@flowbit/api';

export interface OtherRequest {
  id: string;
  number: number;
}

export type StoryItem =
  | { kind: 'message'; key: string; at: Timestamp; message: Message }
  | { kind: 'solved' | 'reopened'; key: string; at: Timestamp }
  /** Another request was merged into this one, and still is. */
  | { kind: 'merged'; key: string; at: Timestamp; source: OtherRequest };

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function otherOf(value: Json | undefined): OtherRequest | null {
  if (!isObject(value)) return null;
  const { id, number } = value;
  return typeof id === 'string' && typeof number === 'number' ? { id, number } : null;
}

function isSolvedStatus(value: Json | undefined): boolean {
  return value === 'resolved' || value === 'closed';
}

/** The turn that an event is, if it is one; from solved to closed is none. */
function turnOf({ action, data }: LedgerEvent): 'solved' | 'reopened' | null {
  if (action !== 'ticket.updated' || !isObject(data.changes)) return null;
  const { status } = data.changes;
  if (!isObject(status)) return null;
  const [before, after] = [isSolvedStatus(status.from), isSolvedStatus(status.to)];
  if (before === after) return null;
  return after ? 'solved' : 'reopened';
}

function itemsOf(events: readonly LedgerEvent[]): StoryItem[] {
  const merged = new Map<string, StoryItem>();
  const turns: StoryItem[] = [];
  for (const event of events) {
    const { id: key, timestamp: at } = event;
    const turn = turnOf(event);
    if (turn !== null) turns.push({ kind: turn, key, at });
    const source = otherOf(event.data.from);
    if (source === null) continue;
    if (event.action === 'ticket.merged') merged.set(source.id, { kind: 'merged', key, at, source });
    if (event.action === 'ticket.unmerged') merged.delete(source.id);
  }
  return [...turns, ...merged.values()];
}

/** What happens at the same instant stands in this order: an answer, and then what it did. */
const RANK = { message: 0, merged: 1, solved: 1, reopened: 1 } as const;

export function storyOf(messages: readonly Message[], events: readonly LedgerEvent[]): StoryItem[] {
  const written = messages.map(
    (message): StoryItem => ({ kind: 'message', key: message.id, at: message.createdAt, message }),
  );
  return [...written, ...itemsOf(events)].sort(
    (a, b) => Date.parse(a.at) - Date.parse(b.at) || RANK[a.kind] - RANK[b.kind],
  );
}

/** So many are read at once when a request is opened; of the others their titles are there. */
const SHOWN = 3;

/** The keys of the requests that were merged last. */
export function newestMerged(items: readonly StoryItem[]): ReadonlySet<string> {
  return new Set(items.flatMap(({ kind, key }) => (kind === 'merged' ? [key] : [])).slice(-SHOWN));
}
