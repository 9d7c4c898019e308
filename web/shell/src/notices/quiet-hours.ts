/** When nothing is to ring, by the clock of a time zone. */
import type { QuietHours } from '@flowbit/api';

/** What the clock shows there, as `22:00`; null where the browser does not know the time zone. */
function clockIn(timeZone: string, now: Date): string | null {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone,
    }).format(now);
  } catch {
    return null;
  }
}

export function isQuiet(hours: QuietHours | null, now: Date): boolean {
  const clock = hours && clockIn(hours.timeZone, now);
  if (hours === null || clock === null) return false;
  const { from, to } = hours;
  return from < to ? clock >= from && clock < to : clock >= from || clock < to;
}
