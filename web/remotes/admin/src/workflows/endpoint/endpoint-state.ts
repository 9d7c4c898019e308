/** How an endpoint fares, from what the server says of it; and its values in forms people write. Pure. */
import type { Endpoint } from '@flowbit/api';

export type EndpointState =
  | { kind: 'off' }
  /** Nothing is sent before `until`. */
  | { kind: 'paused'; until: string; failures: number }
  | { kind: 'failing'; failures: number }
  /** Nothing was accepted there yet. */
  | { kind: 'untried' }
  | { kind: 'well' };

type Facts = Pick<Endpoint, 'active' | 'breakerOpenUntil' | 'consecutiveFailures' | 'lastSuccessAt'>;

export function stateOf(endpoint: Facts, now: number): EndpointState {
  const { active, breakerOpenUntil: until, consecutiveFailures: failures, lastSuccessAt } = endpoint;
  if (!active) return { kind: 'off' };
  if (until !== null && Date.parse(until) > now) return { kind: 'paused', until, failures };
  if (failures > 0) return { kind: 'failing', failures };
  return lastSuccessAt === null ? { kind: 'untried' } : { kind: 'well' };
}

/** `n8n.example.com` and `/webhook/x?y`; what is no URL is shown as it is. */
export function partsOf(url: string): { host: string; rest: string } {
  try {
    const { host, pathname, search } = new URL(url);
    return { host, rest: `${pathname}${search}`.replace(/^\/$/, '') };
  } catch {
    return { host: url, rest: '' };
  }
}

/** What people call it: its description, else where it is. */
export function nameOf(endpoint: Pick<Endpoint, 'url' | 'description'>): string {
  return endpoint.description || partsOf(endpoint.url).host;
}

export type Unit = 'second' | 'minute' | 'hour' | 'day';
export const UNITS: readonly Unit[] = ['second', 'minute', 'hour', 'day'];
const SECONDS: Record<Unit, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 };

/** The longest deadline the server takes: 30 days. */
export const MAX_DEADLINE_SECONDS = 30 * 86_400;

export interface Span {
  value: number;
  unit: Unit;
}

/** The largest unit that gives a whole number: 300 is 5 minutes, 90 is 90 seconds. */
export function spanOf(seconds: number): Span {
  const unit = UNITS.findLast((candidate) => seconds % SECONDS[candidate] === 0) ?? 'second';
  return { value: seconds / SECONDS[unit], unit };
}

export function secondsOf({ value, unit }: Span): number {
  return Math.round(value * SECONDS[unit]);
}

export interface EndpointValues {
  url: string;
  description: string;
  events: readonly string[];
  deadlineSeconds: number | null;
}

export type EndpointPatch = {
  url?: string;
  description?: string;
  events?: string[];
  deadlineSeconds?: number | null;
};

/** What differs; an endpoint that is only renamed keeps its failures. */
export function patchOf(before: Endpoint, after: EndpointValues): EndpointPatch {
  const patch: EndpointPatch = {};
  if (after.url !== before.url) patch.url = after.url;
  if (after.description !== (before.description ?? '')) patch.description = after.description;
  const isSame =
    after.events.length === before.events.length && after.events.every((e) => before.events.includes(e));
  if (!isSame) patch.events = [...after.events];
  if (after.deadlineSeconds !== before.deadlineSeconds) patch.deadlineSeconds = after.deadlineSeconds;
  return patch;
}
