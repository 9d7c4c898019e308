/** Which tickets somebody else changed since this person last looked at them. */
export interface UnreadTickets {
  subscribe(listener: () => void): () => void;
  getSnapshot(): ReadonlySet<string>;
  mark(ticketId: string): void;
  clear(ticketId: string): void;
  clearAll(): void;
}

export function createUnreadTickets(): UnreadTickets {
  const listeners = new Set<() => void>();
  let unread: ReadonlySet<string> = new Set();

  function set(next: ReadonlySet<string>) {
    unread = next;
    for (const listener of listeners) listener();
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    getSnapshot: () => unread,
    mark(ticketId) {
      if (!unread.has(ticketId)) set(new Set([...unread, ticketId]));
    },
    clearAll() {
      if (unread.size > 0) set(new Set());
    },
    clear(ticketId) {
      if (unread.has(ticketId)) set(new Set([...unread].filter((id) => id !== ticketId)));
    },
  };
}
