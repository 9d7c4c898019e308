/** How long an answer reopens a solved request, as it is chosen and as the server keeps it. */
export const DAYS_MAX = 365;
/** What a company begins with. */
export const USUAL_DAYS = 30;

export interface ReopenChoice {
  kind: 'within' | 'always' | 'never';
  /** As it is typed; it stays while another kind is looked at. */
  days: string;
}

export function readReopening(reopenDays: number | null): ReopenChoice {
  if (reopenDays === null) return { kind: 'always', days: `${USUAL_DAYS}` };
  if (reopenDays === 0) return { kind: 'never', days: `${USUAL_DAYS}` };
  return { kind: 'within', days: `${reopenDays}` };
}

/** Undefined: what is typed is no number of days. */
export function reopenDaysOf({ kind, days }: ReopenChoice): number | null | undefined {
  if (kind === 'always') return null;
  if (kind === 'never') return 0;
  const typed = days.trim();
  const number = Number(typed);
  const isDays = /^\d+$/.test(typed) && number >= 1 && number <= DAYS_MAX;
  return isDays ? number : undefined;
}
