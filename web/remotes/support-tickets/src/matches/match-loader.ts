/** Asks for many tickets at once where the words of a search stand in them, whoever asks for one. */
import type { Match, TicketMatch } from '@flowbit/api';

/** So long those who ask are gathered. */
const GATHER_MS = 30;
/** Of so many tickets the server is asked at once, at most. */
const MATCHES_MAX = 100;

export type AskMatches = (q: string, ids: string[], signal: AbortSignal) => Promise<TicketMatch[]>;

interface Wish {
  q: string;
  id: string;
  signal: AbortSignal;
  resolve(match: Match | null): void;
  reject(error: unknown): void;
}

export interface MatchLoader {
  /** Null when nothing of the ticket matches, or it may not be seen. */
  load(q: string, id: string, signal: AbortSignal): Promise<Match | null>;
}

/** Aborts once nobody waits any more. */
function abortWithAll(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  let waiting = signals.length;
  const leave = () => {
    waiting -= 1;
    if (waiting === 0) controller.abort();
  };
  for (const signal of signals) signal.addEventListener('abort', leave, { once: true });
  return controller.signal;
}

export function createMatchLoader(ask: AskMatches): MatchLoader {
  let waiting: Wish[] = [];

  async function send(q: string, wishes: readonly Wish[]) {
    const ids = [...new Set(wishes.map(({ id }) => id))];
    try {
      const items = await ask(q, ids, abortWithAll(wishes.map(({ signal }) => signal)));
      const found = new Map(items.map(({ ticketId, match }) => [ticketId, match]));
      for (const { id, resolve } of wishes) resolve(found.get(id) ?? null);
    } catch (error) {
      for (const { reject } of wishes) reject(error);
    }
  }

  function flush() {
    const all = waiting;
    waiting = [];
    const wanted = new Map<string, Wish[]>();
    for (const wish of all) {
      // It was scrolled past.
      if (wish.signal.aborted) wish.reject(wish.signal.reason);
      else wanted.set(wish.q, [...(wanted.get(wish.q) ?? []), wish]);
    }
    for (const [q, wishes] of wanted) {
      for (let at = 0; at < wishes.length; at += MATCHES_MAX) {
        void send(q, wishes.slice(at, at + MATCHES_MAX));
      }
    }
  }

  return {
    load: (q, id, signal) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0) setTimeout(flush, GATHER_MS);
        waiting.push({ q, id, signal, resolve, reject });
      }),
  };
}
