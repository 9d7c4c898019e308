/**
 * The order in which rows are shown.
 *
 * While somebody points at the list, has the focus in it or has scrolled, rows stay where they are:
 * what they hold is updated, but nothing moves under a hand that is about to press.
 */
export interface CalmOrder {
  /** What the rows show, in order. */
  ids: readonly string[];
  /** New tickets that wait above. */
  waiting: number;
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

/** `shown` is what stands there, `fresh` what the list would be now. */
export function settleOrder(shown: readonly string[], fresh: readonly string[], isHeld: boolean): CalmOrder {
  if (!isHeld || shown.length === 0) return { ids: fresh, waiting: 0 };
  if (isSame(shown, fresh)) return { ids: shown, waiting: 0 };
  const known = new Set(shown);
  // What was loaded by scrolling on comes after everything known and moves nothing.
  let lastKnown = -1;
  for (const [index, id] of fresh.entries()) if (known.has(id)) lastKnown = index;
  const appended = lastKnown < 0 ? [] : fresh.slice(lastKnown + 1);
  const ids = appended.length > 0 ? [...shown, ...appended] : shown;
  const waiting = fresh
    .slice(0, lastKnown < 0 ? fresh.length : lastKnown)
    .filter((id) => !known.has(id)).length;
  return { ids, waiting };
}
