/** When a ticket that is put aside may come back, by the clock and the calendar of the person. Pure. */

export type SnoozeTime = 'later' | 'tomorrow' | 'monday' | 'week';

const LATER_MS = 3 * 60 * 60 * 1000;
const MORNING_HOUR = 9;
const MONDAY = 1;
const WEEK = 7;

/** By the calendar: between two mornings there are 23, 24 or 25 hours. */
function morningIn(days: number, now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, MORNING_HOUR);
}

/** What is offered at that moment, soonest first, no time twice. */
export function snoozeTimes(now: Date): { name: SnoozeTime; at: Date }[] {
  const later = new Date(now.getTime() + LATER_MS);
  later.setSeconds(0, 0);
  const untilMonday = (WEEK + MONDAY - now.getDay()) % WEEK;
  return [
    // Late in the evening it would be tomorrow.
    ...(later.getDate() === now.getDate() ? [{ name: 'later', at: later } as const] : []),
    { name: 'tomorrow', at: morningIn(1, now) },
    // On a Sunday that is tomorrow, and on a Monday it is in a week.
    ...(untilMonday > 1 ? [{ name: 'monday', at: morningIn(untilMonday, now) } as const] : []),
    { name: 'week', at: morningIn(WEEK, now) },
  ];
}

/** A moment as a field for date and time has it: `2026-11-30T09:00`. */
export function formatLocal(at: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The furthest that a ticket can be put aside. */
export function furthest(now: Date): Date {
  return new Date(now.getFullYear() + 1, now.getMonth(), now.getDate(), now.getHours(), now.getMinutes());
}

export type LocalProblem = 'missing' | 'past' | 'far';

/** Reads such a field; if no ticket can be put aside until then, why. */
export function readLocal(typed: string, now: Date): Date | LocalProblem {
  const at = new Date(typed);
  if (typed === '' || Number.isNaN(at.getTime())) return 'missing';
  if (at <= now) return 'past';
  return at > furthest(now) ? 'far' : at;
}
