/** Reads all of what the server gives in pages. */
import { type ApiClient, unwrap } from './client';
import type { LedgerEvent, Message } from './models';

const MESSAGE_PAGE_SIZE = 100;
const EVENT_PAGE_SIZE = 500;

/** A ticket's whole conversation, oldest first. */
export async function readMessages(client: ApiClient, id: string, signal: AbortSignal): Promise<Message[]> {
  const all: Message[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: MESSAGE_PAGE_SIZE };
    if (cursor !== null) query.cursor = cursor;
    const page = await unwrap(
      client.GET('/api/tickets/{id}/messages', { params: { path: { id }, query }, signal }),
    );
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

/** What happened to a ticket, oldest first, as far as this person may see it. */
export async function readHistory(
  client: ApiClient,
  id: string,
  signal: AbortSignal,
): Promise<LedgerEvent[]> {
  const all: LedgerEvent[] = [];
  for (let after = 0; ; ) {
    const query = { ticketId: id, after, limit: EVENT_PAGE_SIZE };
    const page = await unwrap(client.GET('/api/events', { params: { query }, signal }));
    all.push(...page.items);
    if (page.items.length < EVENT_PAGE_SIZE) return all;
    after = page.lastSeq;
  }
}
