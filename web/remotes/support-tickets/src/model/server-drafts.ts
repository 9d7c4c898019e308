/**
 * What a person writes, kept on the server until it is sent: it is there on their other devices as well.
 *
 * This device keeps the text first (`useKept`); the server gets it when the hand rests. Sending a message removes
 * its draft on the server: nothing is saved meanwhile, and what was on its way and may have come later is removed.
 */
import { type Draft, type DraftKind, isApiError } from '@flowbit/api';
import { isSame, join, NOTHING, type Written } from '../editor/written';

/** So long nobody types before a draft is saved. */
const PAUSE_MS = 1_000;
/** Who never rests has it saved after so long all the same. */
const PATIENCE_MS = 5_000;
/** Between two calls for one draft. */
const REST_MS = 3_000;
/** Until a call that failed is tried again; each time twice as long. */
const RETRY_MS = 5_000;
const RETRY_MAX_MS = 60_000;
/** No draft is longer, as no message is. */
const BODY_MAX = 20_000;

/** The way to the server, and what this device remembers of it. */
export interface DraftLink {
  /** Answers what the server has then; an empty text is none. `isLeaving`: the page may be gone before that. */
  save(ticketId: string, kind: DraftKind, written: Written, isLeaving: boolean): Promise<Draft | null>;
  /** What the server had when it was last heard of; null for nothing. */
  recall(ticketId: string, kind: DraftKind): Draft | null;
  remember(ticketId: string, kind: DraftKind, draft: Draft | null): void;
}

export interface Clock {
  now(): number;
  /** Returns the way to call it off. */
  after(milliseconds: number, run: () => void): () => void;
}

const CLOCK: Clock = {
  now: Date.now,
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** `empty`: nothing is written. `kept`: the server does not have it, this device does. */
export type DraftState = 'empty' | 'saving' | 'saved' | 'kept';

interface Slot {
  ticketId: string;
  kind: DraftKind;
  /** As it is written now. */
  written: Written;
  /** Whether the server has been asked what it has; `missed` if it did not answer. */
  asked: 'no' | 'missed' | 'yes';
  /** What the server has; undefined while that is not sure. */
  known: Draft | null | undefined;
  isBusy: boolean;
  /** How many messages are being sent that remove it. */
  holds: number;
  /** A call was on its way when such a message went out: nobody knows which came first. */
  hasRaced: boolean;
  failures: number;
  /** What the server refused, or kept nothing of: it is not sent again as it is. */
  refused: Written | null;
  /** Since when there is something to save. */
  since: number | null;
  calledAt: number;
  stop(): void;
}

/** From what this device remembered, which may be anything. */
export function readRemembered(kept: unknown): Draft | null {
  if (typeof kept !== 'object' || kept === null) return null;
  const { kind, body, html = null, updatedAt } = kept as Partial<Draft>;
  if (kind !== 'reply' && kind !== 'note') return null;
  if (html !== null && typeof html !== 'string') return null;
  return typeof body === 'string' && typeof updatedAt === 'string' ? { kind, body, html, updatedAt } : null;
}

function writtenOf(draft: Draft | null | undefined): Written {
  // A server that knows of no formatting says nothing of it.
  return draft ? { body: draft.body, html: draft.html ?? null } : NOTHING;
}

export interface LocalDraft extends Written {
  /** When it was last typed at, in milliseconds since 1970. */
  changedAt: number;
}

/**
 * Which text goes on when a ticket is opened: that of this device or that of the server. `base`: what the server had
 * when this device last heard of it.
 */
export function chooseText(local: LocalDraft, base: Draft | null, server: Draft | null): Written {
  const here = { body: local.body, html: local.html };
  const there = writtenOf(server);
  const isChanged = !isSame(local, writtenOf(base));
  const hasMoved = server?.updatedAt !== base?.updatedAt;
  if (!hasMoved) return here;
  if (!isChanged) return there;
  // Sent or thrown away elsewhere, while something else was written here.
  if (server === null) return here;
  if (local.body.includes(server.body)) return here;
  if (server.body.includes(local.body)) return there;
  // Written on both: neither is thrown away, and the newer one comes last.
  return local.changedAt >= Date.parse(server.updatedAt) ? join(there, here) : join(here, there);
}

function wantedOf({ written }: Slot): Written {
  return written.body.trim() === '' ? NOTHING : written;
}

function isDue(slot: Slot): boolean {
  return slot.known === undefined || !isSame(wantedOf(slot), writtenOf(slot.known));
}

function isPossible(slot: Slot): boolean {
  const wanted = wantedOf(slot);
  const isRefused = slot.refused !== null && isSame(wanted, slot.refused);
  return wanted.body.length <= BODY_MAX && !isRefused;
}

export interface ServerDrafts {
  /** Begins anew, for another person. */
  connect(link: DraftLink): void;
  subscribe(listener: () => void): () => void;
  getState(ticketId: string, kind: DraftKind): DraftState;
  /** What the server had when it was last heard of. */
  recall(ticketId: string, kind: DraftKind): Draft | null;
  /** The server has been asked: what it has, and which text goes on. */
  learn(ticketId: string, kind: DraftKind, server: Draft | null, written: Written): void;
  /** The server has been asked, and did not answer. */
  miss(ticketId: string, kind: DraftKind): void;
  change(ticketId: string, kind: DraftKind, written: Written): void;
  /** Saves what is not saved: of a ticket, or all. */
  flush(options?: { ticketId?: string; isLeaving?: boolean }): void;
  /** The connection is back. */
  retry(): void;
  /** A message goes out that removes the draft. */
  hold(ticketId: string, kind: DraftKind): void;
  release(ticketId: string, kind: DraftKind, wasSent: boolean): void;
}

export function createServerDrafts(clock: Clock = CLOCK): ServerDrafts {
  const listeners = new Set<() => void>();
  const slots = new Map<string, Slot>();
  let link: DraftLink | null = null;

  function tell() {
    for (const listener of listeners) listener();
  }

  function slotOf(ticketId: string, kind: DraftKind): Slot {
    const key = `${ticketId} ${kind}`;
    let slot = slots.get(key);
    if (!slot) {
      slot = {
        ticketId,
        kind,
        written: NOTHING,
        asked: 'no',
        known: undefined,
        isBusy: false,
        holds: 0,
        hasRaced: false,
        failures: 0,
        refused: null,
        since: null,
        calledAt: 0,
        stop: () => {},
      };
      slots.set(key, slot);
    }
    return slot;
  }

  function know(slot: Slot, draft: Draft | null | undefined) {
    slot.known = draft;
    if (draft !== undefined) link?.remember(slot.ticketId, slot.kind, draft);
  }

  function isFree(slot: Slot): boolean {
    return slot.asked === 'yes' && !slot.isBusy && slot.holds === 0 && isDue(slot) && isPossible(slot);
  }

  /** Sees to it that it is saved in time. */
  function plan(slot: Slot) {
    slot.stop();
    if (!isDue(slot)) slot.since = null;
    if (!isFree(slot)) return;
    const now = clock.now();
    slot.since ??= now;
    const due =
      slot.failures > 0
        ? slot.calledAt + Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (slot.failures - 1))
        : Math.max(Math.min(now + PAUSE_MS, slot.since + PATIENCE_MS), slot.calledAt + REST_MS);
    slot.stop = clock.after(Math.max(0, due - now), () => void run(slot));
  }

  async function run(slot: Slot, isLeaving = false): Promise<void> {
    slot.stop();
    if (link === null || !isFree(slot)) return;
    const { ticketId, kind } = slot;
    const mine = link;
    const wanted = wantedOf(slot);
    slot.isBusy = true;
    slot.calledAt = clock.now();
    slot.since = null;
    tell();
    try {
      const kept = await mine.save(ticketId, kind, wanted, isLeaving);
      // As it was written here, so that it is not saved again for how the server writes it.
      const draft = kept && { ...kept, ...wanted };
      slot.failures = 0;
      slot.refused = kept === null && wanted.body !== '' ? wanted : null;
      // It may be what came after the message that was to remove it.
      if (link === mine) know(slot, slot.hasRaced ? undefined : draft);
    } catch (error) {
      slot.failures += 1;
      // It may have been done all the same.
      slot.known = undefined;
      if (isApiError(error) && !error.isTransient) slot.refused = wanted;
    }
    slot.isBusy = false;
    if (slot.holds === 0) {
      const hasRaced = slot.hasRaced;
      slot.hasRaced = false;
      if (hasRaced) void run(slot, isLeaving);
      else plan(slot);
    }
    tell();
  }

  return {
    connect(next) {
      for (const slot of slots.values()) slot.stop();
      slots.clear();
      link = next;
      tell();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    getState(ticketId, kind) {
      const slot = slots.get(`${ticketId} ${kind}`);
      if (!slot || wantedOf(slot).body === '') return 'empty';
      if (slot.asked === 'missed' || slot.failures > 0 || !isPossible(slot)) return 'kept';
      return slot.asked === 'yes' && !slot.isBusy && !isDue(slot) ? 'saved' : 'saving';
    },
    recall(ticketId, kind) {
      return slots.get(`${ticketId} ${kind}`)?.known ?? link?.recall(ticketId, kind) ?? null;
    },
    learn(ticketId, kind, server, written) {
      const slot = slotOf(ticketId, kind);
      slot.asked = 'yes';
      slot.written = written;
      // What is on its way knows better than what was read meanwhile.
      if (!slot.isBusy && slot.holds === 0) {
        slot.failures = 0;
        know(slot, server);
      }
      plan(slot);
      tell();
    },
    miss(ticketId, kind) {
      const slot = slotOf(ticketId, kind);
      if (slot.asked === 'no') slot.asked = 'missed';
      tell();
    },
    change(ticketId, kind, written) {
      const slot = slotOf(ticketId, kind);
      if (isSame(slot.written, written)) return;
      slot.written = written;
      plan(slot);
      tell();
    },
    flush({ ticketId, isLeaving = false } = {}) {
      for (const slot of slots.values()) {
        if (ticketId !== undefined && slot.ticketId !== ticketId) continue;
        if (slot.failures === 0) void run(slot, isLeaving);
      }
    },
    retry() {
      for (const slot of slots.values()) if (slot.failures > 0) void run(slot);
    },
    hold(ticketId, kind) {
      const slot = slotOf(ticketId, kind);
      slot.stop();
      slot.holds += 1;
      if (slot.isBusy) slot.hasRaced = true;
    },
    release(ticketId, kind, wasSent) {
      const slot = slotOf(ticketId, kind);
      slot.holds = Math.max(0, slot.holds - 1);
      if (wasSent) know(slot, slot.hasRaced ? undefined : null);
      if (slot.holds > 0 || slot.isBusy) return;
      const hasRaced = slot.hasRaced;
      slot.hasRaced = false;
      if (hasRaced) void run(slot);
      else plan(slot);
      tell();
    },
  };
}
