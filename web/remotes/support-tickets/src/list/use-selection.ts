/** Which tickets are chosen for doing something with all of them. */
import { type RefObject, useCallback, useMemo, useRef, useState } from 'react';

export interface Selection {
  ids: ReadonlySet<string>;
  isPossible: boolean;
  /** With a range: all from the last one toggled to this one. */
  toggle(id: string, isRange: boolean): void;
  clear(): void;
}

/** `shown` holds the rows in the order on screen. */
export function useSelection(shown: RefObject<readonly string[]>, isPossible: boolean): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<string | null>(null);
  const toggle = useCallback(
    (id: string, isRange: boolean) => {
      const from = isRange && anchor.current !== null ? shown.current.indexOf(anchor.current) : -1;
      const to = shown.current.indexOf(id);
      anchor.current = id;
      setIds((before) => {
        const next = new Set(before);
        if (from >= 0 && to >= 0) {
          for (const one of shown.current.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(one);
        } else if (!next.delete(id)) next.add(id);
        return next;
      });
    },
    [shown],
  );
  const clear = useCallback(() => setIds(new Set()), []);
  return useMemo(() => ({ ids, isPossible, toggle, clear }), [ids, isPossible, toggle, clear]);
}
