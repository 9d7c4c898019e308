/**
 * Follows the ledger without gaps.
 *
 * The socket brings events as they happen; whatever happened while it was away is read over HTTP by
 * the last `seq` seen. Everything here is free of the socket library, so that it can be tested.
 */
import type { LedgerEvent, TicketPresence } from './models';

export type ConnectionState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** Connected again; reading what was missed. */
  | { kind: 'catchingUp' }
  | { kind: 'offline'; since: Date };

export interface EventFilter {
  /** An action, or a subject with `.*`: `'ticket.updated'`, `'ticket.*'`. All when left out. */
  actions?: readonly string[];
  ticketId?: string;
}

export type EventHandler = (event: LedgerEvent) => void;
export type PresenceHandler = (there: TicketPresence) => void;

/** What screens get to see of the live ledger. */
export interface LiveEvents {
  /** Calls back for each matching event, in `seq` order, once each. Returns the way to stop. */
  subscribe(filter: EventFilter, handler: EventHandler): () => void;
  /** Calls back when somebody comes to a ticket, goes, begins or stops writing. Returns the way to stop. */
  onPresence(handler: PresenceHandler): () => void;
  getState(): ConnectionState;
  /** For `useSyncExternalStore` together with `getState`. */
  onStateChange(listener: () => void): () => void;
  /** The last event seen; null before the first connection. */
  getLastSeq(): number | null;
}

export interface LedgerPage {
  items: LedgerEvent[];
  lastSeq: number;
}

export interface FollowerOptions {
  /** Reads events after `seq`, oldest first. */
  readAfter(seq: number, limit: number): Promise<LedgerPage>;
  /** So much was missed that reading it anew is cheaper than replaying it; also the first hello. */
  onResync(): void;
}

const PAGE_SIZE = 200;
/** Beyond this a replay costs more than a refresh. */
const MAX_REPLAY = 2000;

function matches(filter: EventFilter, event: LedgerEvent): boolean {
  if (filter.ticketId !== undefined && event.ticketId !== filter.ticketId) return false;
  if (filter.actions === undefined) return true;
  return filter.actions.some((action) =>
    action.endsWith('.*') ? event.action.startsWith(action.slice(0, -1)) : event.action === action,
  );
}

export interface LedgerFollower extends LiveEvents {
  /** The socket greets with the ledger's end. Resolves when everything before it was delivered. */
  receiveHello(lastSeq: number): Promise<void>;
  receiveEvent(event: LedgerEvent): void;
  receivePresence(there: TicketPresence): void;
  receiveDisconnect(): void;
}

export function createLedgerFollower({ readAfter, onResync }: FollowerOptions): LedgerFollower {
  const subscriptions = new Set<{ filter: EventFilter; handler: EventHandler }>();
  const presenceHandlers = new Set<PresenceHandler>();
  const stateListeners = new Set<() => void>();
  let state: ConnectionState = { kind: 'connecting' };
  let lastSeq: number | null = null;
  /** Events that came while older ones were still being read. */
  let held: LedgerEvent[] | null = null;
  /** Grows with each connection, so that a catch-up of an earlier one knows it is over. */
  let connection = 0;

  function setState(next: ConnectionState) {
    state = next;
    for (const listener of stateListeners) listener();
  }

  function deliver(event: LedgerEvent) {
    if (lastSeq !== null && event.seq <= lastSeq) return;
    lastSeq = event.seq;
    for (const { filter, handler } of [...subscriptions]) {
      if (!matches(filter, event)) continue;
      try {
        handler(event);
      } catch (error) {
        // One screen's mistake must not keep the event from the others.
        reportError(error);
      }
    }
  }

  async function catchUp(target: number, mine: number) {
    while (lastSeq !== null && lastSeq < target && mine === connection) {
      const before: number = lastSeq;
      const page = await readAfter(before, PAGE_SIZE);
      if (mine !== connection) return;
      for (const event of page.items) deliver(event);
      // A short page was read to its end, although its last events may be hidden from this person.
      if (page.items.length < PAGE_SIZE) lastSeq = Math.max(lastSeq, page.lastSeq);
      if (lastSeq === before) lastSeq = target;
    }
  }

  return {
    subscribe(filter, handler) {
      const subscription = { filter, handler };
      subscriptions.add(subscription);
      return () => subscriptions.delete(subscription);
    },
    onPresence(handler) {
      // A registration of its own, should one handler be registered twice.
      const mine: PresenceHandler = (there) => handler(there);
      presenceHandlers.add(mine);
      return () => presenceHandlers.delete(mine);
    },
    getState: () => state,
    onStateChange(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    getLastSeq: () => lastSeq,

    async receiveHello(target) {
      connection += 1;
      const mine = connection;
      if (lastSeq === null || target - lastSeq > MAX_REPLAY || target < lastSeq) {
        lastSeq = target;
        held = null;
        setState({ kind: 'live' });
        onResync();
        return;
      }
      if (target > lastSeq) {
        held = [];
        setState({ kind: 'catchingUp' });
        try {
          await catchUp(target, mine);
        } catch {
          if (mine !== connection) return;
          // The reading failed although the socket stands: a refresh shows what is true now.
          lastSeq = target;
          onResync();
        }
        if (mine !== connection) return;
        const late = held ?? [];
        held = null;
        for (const event of late) deliver(event);
      }
      setState({ kind: 'live' });
    },
    receiveEvent(event) {
      if (held) held.push(event);
      else deliver(event);
    },
    receivePresence(there) {
      for (const handler of [...presenceHandlers]) {
        try {
          handler(there);
        } catch (error) {
          reportError(error);
        }
      }
    },
    receiveDisconnect() {
      connection += 1;
      held = null;
      if (state.kind !== 'offline') setState({ kind: 'offline', since: new Date() });
    },
  };
}

function reportError(error: unknown) {
  if (typeof globalThis.reportError === 'function') globalThis.reportError(error);
  else console.error(error);
}
