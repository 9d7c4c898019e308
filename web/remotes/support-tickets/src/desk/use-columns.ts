/** How many columns the screen's own rectangle has room for. */
import { type RefObject, useLayoutEffect, useState } from 'react';

export interface Columns {
  /** One at a time, with a way back. */
  isSingle: boolean;
  hasViews: boolean;
  hasSide: boolean;
}

const SINGLE_BELOW = 800;
const VIEWS_FROM = 940;
const SIDE_FROM = 1100;

export function columnsFor(width: number): Columns {
  return {
    isSingle: width < SINGLE_BELOW,
    hasViews: width >= VIEWS_FROM,
    hasSide: width >= SIDE_FROM,
  };
}

/** Measures before the first paint, so that nothing jumps. */
export function useColumns(ref: RefObject<HTMLElement | null>): Columns {
  const [columns, setColumns] = useState(() => columnsFor(globalThis.innerWidth));
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    function measure(width: number) {
      const next = columnsFor(width);
      setColumns((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next));
    }
    measure(element.getBoundingClientRect().width);
    const observer = new ResizeObserver(([entry]) => entry && measure(entry.contentRect.width));
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return columns;
}
