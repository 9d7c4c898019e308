/** Which deliveries are shown, as it stands in the address. Pure. */
import type { DeliveryState } from '@flowbit/api';

export interface DeliveryFilter {
  state?: DeliveryState;
  endpointId?: string;
  ticketId?: string;
}

export const STATES: readonly DeliveryState[] = ['pending', 'sending', 'delivered', 'dead'];

function isState(value: string | null): value is DeliveryState {
  return STATES.some((state) => state === value);
}

/** Anything that is no filter is left out, so that an old link shows too much rather than an error. */
export function readFilter(search: URLSearchParams): DeliveryFilter {
  const state = search.get('state');
  const endpointId = search.get('endpointId');
  const ticketId = search.get('ticketId');
  return {
    ...(isState(state) ? { state } : {}),
    ...(endpointId ? { endpointId } : {}),
    ...(ticketId ? { ticketId } : {}),
  };
}

/** The same as a query, beginning with `?`, or empty. */
export function writeFilter({ state, endpointId, ticketId }: DeliveryFilter): string {
  const search = new URLSearchParams();
  if (state) search.set('state', state);
  if (endpointId) search.set('endpointId', endpointId);
  if (ticketId) search.set('ticketId', ticketId);
  return search.size === 0 ? '' : `?${search}`;
}
