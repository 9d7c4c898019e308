/**
 * Changes that the server has not confirmed yet.
 *
 * They lie over the cached ticket instead of being written into it: a refresh in between can't undo
 * them, and taking one back is nothing more than removing it. Changes to one ticket go out one after
 * another, each on the version that the one before gave, so that nobody collides with themselves.
 */
import type {
  Json,
  PersonRef,
  Snooze,
  TeamRef,
  Ticket,
  TicketPriority,
  TicketStatus,
  UpdateTicket,
} from '@flowbit/api';
import { isLive } from './ticket-filter';

/** New values as the screen shows them. */
export interface TicketPatch {
  title?: string;
  description?: string;
  status?: TicketStatus;
  priority?: TicketPriority;
  assignee?: PersonRef | null;
  /** The server may give it to one of the team as well. */
  team?: TeamRef | null;
  tags?: string[];
  snooze?: Snooze | null;
  /** New values by their keys; null takes one away, the others stay. */
  customFields?: Record<string, Json>;
}

export interface PendingChange {
  key: number;
  patch: TicketPatch;
}

/** Somebody else was faster. */
export interface Conflict {
  patch: TicketPatch;
  /** The ticket as it was when the change was made. */
  before: Ticket;
  /** As it is now. */
  now: Ticket;
}

export interface ChangeSnapshot {
  pending: ReadonlyMap<string, readonly PendingChange[]>;
  conflicts: ReadonlyMap<string, Conflict>;
}

export type SaveTicket = (id: string, body: UpdateTicket) => Promise<Ticket>;

export interface PendingChanges {
  subscribe(listener: () => void): () => void;
  getSnapshot(): ChangeSnapshot;
  /** Shows the change at once and saves it; rejects with the server's refusal after taking it back. */
  submit(ticket: Ticket, patch: TicketPatch, save: SaveTicket): Promise<Ticket>;
  setConflict(ticketId: string, conflict: Conflict | null): void;
}

export function toUpdate(patch: TicketPatch, version: number): UpdateTicket {
  const { assignee, team, snooze, ...rest } = patch;
  return {
    ...rest,
    ...(assignee === undefined ? {} : { assigneeId: assignee?.id ?? null }),
    ...(team === undefined ? {} : { teamId: team?.id ?? null }),
    ...(snooze === undefined ? {} : { snooze: snooze && { until: snooze.until } }),
    version,
  };
}

/** The ticket with what is not yet saved. */
export function withPending(ticket: Ticket, pending: readonly PendingChange[] | undefined): Ticket {
  if (!pending || pending.length === 0) return ticket;
  const shown: Ticket = Object.assign({}, ticket, ...pending.map(({ patch }) => patch));
  shown.customFields = Object.assign(
    {},
    ticket.customFields,
    ...pending.map(({ patch }) => patch.customFields ?? {}),
  );
  // What is solved waits for nothing.
  if (!isLive(shown.status)) shown.snooze = null;
  return shown;
}

export function createPendingChanges(): PendingChanges {
  const listeners = new Set<() => void>();
  const queues = new Map<string, Promise<unknown>>();
  const ownVersions = new Map<string, number>();
  let snapshot: ChangeSnapshot = { pending: new Map(), conflicts: new Map() };
  let nextKey = 1;

  function set(next: Partial<ChangeSnapshot>) {
    snapshot = { ...snapshot, ...next };
    for (const listener of listeners) listener();
  }

  function setPending(id: string, change: (list: readonly PendingChange[]) => readonly PendingChange[]) {
    const pending = new Map(snapshot.pending);
    const list = change(pending.get(id) ?? []);
    if (list.length === 0) pending.delete(id);
    else pending.set(id, list);
    set({ pending });
  }

  function setConflict(ticketId: string, conflict: Conflict | null) {
    const conflicts = new Map(snapshot.conflicts);
    if (conflict === null) conflicts.delete(ticketId);
    else conflicts.set(ticketId, conflict);
    set({ conflicts });
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    getSnapshot: () => snapshot,
    setConflict,
    async submit(ticket, patch, save) {
      const { id } = ticket;
      const key = nextKey++;
      setPending(id, (list) => [...list, { key, patch }]);
      const before = queues.get(id) ?? Promise.resolve();
      const saving = before
        .catch(() => undefined)
        .then(() => save(id, toUpdate(patch, Math.max(ticket.version, ownVersions.get(id) ?? 0))));
      queues.set(id, saving);
      try {
        const saved = await saving;
        ownVersions.set(id, saved.version);
        return saved;
      } finally {
        if (queues.get(id) === saving) queues.delete(id);
        setPending(id, (list) => list.filter((change) => change.key !== key));
      }
    },
  };
}
