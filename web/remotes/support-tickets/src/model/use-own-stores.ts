/**
 * Sees to it that what the page remembers is this person's own.
 *
 * Unsent messages are kept on the device, so that neither a reload nor a lost connection loses them;
 * they keep their keys, so that sending them again is safe even if the server had got them.
 */
import { readKept, useScreen, writeKept } from '@flowbit/contract';
import { useLayoutEffect } from 'react';
import type { OutgoingMessage } from './outbox';
import { outbox, unreadTickets } from './stores';

const NAME = 'outbox';
let owner: string | null = null;

function isOutgoing(value: unknown): value is OutgoingMessage {
  if (typeof value !== 'object' || value === null) return false;
  const { key, ticketId, body, html = null } = value as Partial<OutgoingMessage>;
  if (html !== null && typeof html !== 'string') return false;
  return typeof key === 'string' && typeof ticketId === 'string' && typeof body === 'string';
}

export function useOwnStores(): void {
  const { user } = useScreen();
  useLayoutEffect(() => {
    if (owner !== user.id) {
      owner = user.id;
      unreadTickets.clearAll();
      const kept = readKept<unknown>(user, NAME);
      outbox.restore(Array.isArray(kept) ? kept.filter(isOutgoing) : []);
    }
    return outbox.subscribe(() => {
      const messages = outbox.getSnapshot().map((message) => ({ ...message, error: null }));
      writeKept(user, NAME, messages.length > 0 ? messages : null);
    });
  }, [user]);
}
