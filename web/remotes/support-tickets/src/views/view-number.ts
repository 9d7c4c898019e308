/** The number beside a view as it is written: `12`, `999+`, `40+`. */
import type { ViewNumber } from '../model/queries';

/** Nobody counts further. */
const COUNTED = 1000;

export function formatNumber(number: ViewNumber | undefined, format: (value: number) => string): string {
  if (number === undefined) return '';
  const { count, orMore } = number;
  if (!orMore) return format(count);
  return `${format(count >= COUNTED ? COUNTED - 1 : count)}+`;
}
