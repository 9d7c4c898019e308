/** Rows that change places: by pointer, by arrow keys, and seen to move. */
import { useReducedMotion } from '@flowbit/ui';
import { type KeyboardEvent, type PointerEvent, type RefObject, useLayoutEffect, useRef } from 'react';

const MOVE_MS = 150;

function rowsOf(list: HTMLElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>('[data-place]') ?? [])];
}

/** Lets rows glide from where they were when the order changes. */
export function useGlide(list: RefObject<HTMLElement | null>, order: readonly string[]) {
  const isStill = useReducedMotion();
  const tops = useRef(new Map<string, number>());
  // biome-ignore lint/correctness/useExhaustiveDependencies: the order is what moves the rows
  useLayoutEffect(() => {
    for (const row of rowsOf(list.current)) {
      const id = row.dataset.place ?? '';
      const before = tops.current.get(id);
      tops.current.set(id, row.offsetTop);
      if (before === undefined || before === row.offsetTop || isStill) continue;
      row.animate([{ transform: `translateY(${before - row.offsetTop}px)` }, { transform: 'none' }], {
        duration: MOVE_MS,
        easing: 'ease-out',
      });
    }
  }, [list, order, isStill]);
}

/** The place at which a row held at `y` (within the list) belongs. */
export function placeAt(rows: readonly { top: number; height: number }[], y: number): number {
  const place = rows.findIndex(({ top, height }) => y < top + height);
  return place < 0 ? rows.length - 1 : place;
}

export interface GripOptions {
  list: RefObject<HTMLElement | null>;
  id: string;
  place: number;
  count: number;
  onMove(id: string, place: number): void;
}

/** The handlers of a row's grip. */
export function gripHandlers({ list, id, place, count, onMove }: GripOptions) {
  return {
    onKeyDown(event: KeyboardEvent) {
      const to = { ArrowUp: place - 1, ArrowDown: place + 1, Home: 0, End: count - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      onMove(id, to);
    },
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button === 0) event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      if (!event.currentTarget.hasPointerCapture(event.pointerId) || list.current === null) return;
      const y = event.clientY - list.current.getBoundingClientRect().top;
      // Offsets, not rectangles: rows that are still gliding count where they will be.
      const rows = rowsOf(list.current).map((row) => ({
        top: row.offsetTop - (list.current?.offsetTop ?? 0),
        height: row.offsetHeight,
      }));
      const to = placeAt(rows, y);
      if (to !== place) onMove(id, to);
    },
  };
}
