/** Rows that hold still under the hand, see `calm-order.ts`. */
import type { Ticket } from '@flowbit/api';
import { useEffect, useMemo, useRef, useState } from 'react';
import { settleOrder } from './calm-order';

export interface CalmRow {
  ticket: Ticket;
  /** No longer in the list; goes when the list is let go. */
  isLeaving: boolean;
}

export interface CalmRows {
  rows: readonly CalmRow[];
  waiting: number;
  /** Shows the present order at once. */
  release(): void;
  /** Takes a row out at once. */
  forget(id: string): void;
}

export function useCalmRows(tickets: readonly Ticket[], listKey: string, isHeld: boolean): CalmRows {
  const [shown, setShown] = useState<{ key: string; ids: readonly string[] }>({ key: listKey, ids: [] });
  const lastKnown = useRef(new Map<string, Ticket>());
  const fresh = useMemo(() => tickets.map(({ id }) => id), [tickets]);
  const order = useMemo(
    () => settleOrder(shown.key === listKey ? shown.ids : [], fresh, isHeld),
    [shown, listKey, fresh, isHeld],
  );

  const rows = useMemo(() => {
    const present = new Map(tickets.map((ticket) => [ticket.id, ticket]));
    return order.ids.flatMap((id): CalmRow[] => {
      const ticket = present.get(id);
      if (ticket) return [{ ticket, isLeaving: false }];
      const last = lastKnown.current.get(id);
      return last ? [{ ticket: last, isLeaving: true }] : [];
    });
  }, [order.ids, tickets]);

  useEffect(() => {
    lastKnown.current = new Map(rows.map(({ ticket }) => [ticket.id, ticket]));
  }, [rows]);

  useEffect(() => {
    setShown((before) =>
      before.key === listKey && before.ids === order.ids ? before : { key: listKey, ids: order.ids },
    );
  }, [listKey, order.ids]);

  return {
    rows,
    waiting: order.waiting,
    release: () => setShown({ key: listKey, ids: fresh }),
    forget: (id) => setShown(({ key, ids }) => ({ key, ids: ids.filter((one) => one !== id) })),
  };
}
