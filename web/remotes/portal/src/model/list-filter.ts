/** Which of one's requests are listed: read from the address, and asked of the server. */
import type { TicketQuery } from '@flowbit/api';

export const TABS = ['open', 'solved', 'all'] as const;
export type Tab = (typeof TABS)[number];

export interface ListFilter {
  tab: Tab;
  /** Words to look for; empty for none. */
  q: string;
}

const STATUS: Record<Tab, string | null> = {
  open: 'open,in_progress,waiting',
  solved: 'resolved,closed',
  all: null,
};

export function parseFilter(search: URLSearchParams): ListFilter {
  const named = search.get('show');
  return { tab: TABS.find((tab) => tab === named) ?? 'open', q: search.get('q')?.trim() ?? '' };
}

/** The query of the address; empty for what is shown at first. */
export function formatFilter({ tab, q }: ListFilter): string {
  const query = new URLSearchParams();
  if (tab !== 'open') query.set('show', tab);
  if (q !== '') query.set('q', q);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** `me`: whoever works on tickets sees all of them, and has only their own here. */
export function toQuery({ tab, q }: ListFilter, me: string): TicketQuery {
  const status = STATUS[tab];
  return {
    requesterId: me,
    sort: '-updatedAt',
    ...(status === null ? {} : { status }),
    ...(q === '' ? {} : { q }),
  };
}
