/** Whether somebody is out of office at this moment. */
import type { OutOfOffice } from '@flowbit/api';

export function isAway(outOfOffice: OutOfOffice | null, now = Date.now()): boolean {
  if (outOfOffice === null) return false;
  return outOfOffice.until === null || Date.parse(outOfOffice.until) > now;
}
