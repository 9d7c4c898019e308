/** Which events of the audit trail are shown, as it stands in the address. Pure. */
import type { AuditQuery, LedgerEvent } from '@flowbit/api';

export type AuditFilter = Pick<AuditQuery, 'action' | 'userId' | 'ticketId' | 'from' | 'to'>;
export type FilterKey = keyof AuditFilter;

const KEYS: readonly FilterKey[] = ['action', 'userId', 'ticketId', 'from', 'to'];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function isValid(key: FilterKey, value: string): boolean {
  if (key === 'from' || key === 'to') return !Number.isNaN(Date.parse(value));
  if (key === 'action') return /^[a-z]+\.[A-Za-z]+$/.test(value);
  return UUID.test(value);
}

/** Anything that is no filter is left out, so that an old link shows too much rather than an error. */
export function readFilter(search: URLSearchParams): AuditFilter {
  const filter: AuditFilter = {};
  for (const key of KEYS) {
    const value = search.get(key);
    if (value !== null && isValid(key, value)) filter[key] = value;
  }
  return filter;
}

/** The same as a query, beginning with `?`, or empty. */
export function writeFilter(filter: AuditFilter): string {
  const search = new URLSearchParams();
  for (const key of KEYS) {
    const value = filter[key];
    if (value !== undefined) search.set(key, value);
  }
  return search.size === 0 ? '' : `?${search}`;
}

export function without(filter: AuditFilter, ...keys: readonly FilterKey[]): AuditFilter {
  return Object.fromEntries(Object.entries(filter).filter(([key]) => !keys.includes(key as FilterKey)));
}

export function isFiltered(filter: AuditFilter): boolean {
  return KEYS.some((key) => filter[key] !== undefined);
}

/** Whether a live event belongs to what is shown; what the server decides for those it lists. */
export function fits(
  filter: AuditFilter,
  event: Pick<LedgerEvent, 'action' | 'userId' | 'ticketId' | 'timestamp'>,
): boolean {
  const at = Date.parse(event.timestamp);
  return (
    (filter.action === undefined || filter.action === event.action) &&
    (filter.userId === undefined || filter.userId === event.userId) &&
    (filter.ticketId === undefined || filter.ticketId === event.ticketId) &&
    (filter.from === undefined || at >= Date.parse(filter.from)) &&
    (filter.to === undefined || at < Date.parse(filter.to))
  );
}

/** For `<input type="datetime-local">`: local time, to the minute. */
export function toLocalInput(timestamp: string | undefined): string {
  if (timestamp === undefined) return '';
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return '';
  const pad = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** Back to a timestamp in UTC; undefined when nothing sensible was entered. */
export function fromLocalInput(value: string): string | undefined {
  const date = new Date(value);
  return value === '' || Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

export type Preset = 'hour' | 'today' | 'week' | 'month';
export const PRESETS: readonly Preset[] = ['hour', 'today', 'week', 'month'];

/** When a preset begins. */
export function startOf(preset: Preset, now: Date): string {
  const start = new Date(now);
  if (preset === 'hour') start.setHours(start.getHours() - 1);
  else start.setHours(0, 0, 0, 0);
  if (preset === 'week') start.setDate(start.getDate() - 6);
  if (preset === 'month') start.setDate(start.getDate() - 29);
  return start.toISOString();
}
