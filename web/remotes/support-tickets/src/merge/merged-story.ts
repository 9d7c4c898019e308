/** What stands in the block of a merged ticket: messages, and the tickets that had been merged into it before. */
import type { LedgerEvent, Message, Timestamp } from '@flowbit/api';
import { type OtherTicket, referenceOf, standingMerges } from '../conversation/reference';
import type { ChangeActor } from '../conversation/timeline';

export type StoryItem =
  | { kind: 'message'; key: string; at: Timestamp; message: Message }
  | { kind: 'merged'; key: string; at: Timestamp; actor: ChangeActor; source: OtherTicket };

/** Oldest first. `hasMore`: later messages are still to come, and what is later than those here waits for them. */
export function storyOf(
  messages: readonly Message[],
  events: readonly LedgerEvent[],
  hasMore: boolean,
): StoryItem[] {
  const standing = standingMerges(events);
  const end = hasMore ? Date.parse(messages.at(-1)?.createdAt ?? '') : Number.POSITIVE_INFINITY;
  const merges = events.flatMap((event): StoryItem[] => {
    const source = referenceOf(event);
    if (source === null || !standing.has(event.id)) return [];
    return [
      {
        kind: 'merged',
        key: event.id,
        at: event.timestamp,
        actor: { id: event.actor.id, name: event.actor.name },
        source: { id: source.id, number: source.number },
      },
    ];
  });
  const items: StoryItem[] = messages.map((message) => ({
    kind: 'message',
    key: message.id,
    at: message.createdAt,
    message,
  }));
  return [...items, ...merges.filter(({ at }) => Date.parse(at) <= end)].sort(
    (a, b) => Date.parse(a.at) - Date.parse(b.at),
  );
}

/** So many are read at once when a ticket is opened; of the others their titles are there. */
const SHOWN = 3;

/** The keys of the tickets that were merged last. */
export function newestMerged(items: readonly { kind: string; key: string }[]): ReadonlySet<string> {
  const merged = items.filter(({ kind }) => kind === 'merged');
  return new Set(merged.slice(-SHOWN).map(({ key }) => key));
}
