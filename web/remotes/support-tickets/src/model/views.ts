/** The ready-made views: which tickets each shows, and which number stands beside it. */
import type { Role, TicketCounts, TicketQuery } from '@flowbit/api';
import type { IconName } from '@flowbit/ui';

export type ViewId = 'mine' | 'unassigned' | 'open' | 'overdue' | 'resolved' | 'all';

export interface View {
  id: ViewId;
  icon: IconName;
  query: Pick<TicketQuery, 'status' | 'assigneeId' | 'workflow'>;
  count(counts: TicketCounts): number;
  /** Its number asks for attention while it is not zero. */
  isAlarm?: boolean;
}

const LIVE = 'open,in_progress,waiting';
const SETTLED = 'resolved,closed';

const MINE: View = {
  id: 'mine',
  icon: 'user-check',
  query: { status: LIVE, assigneeId: 'me' },
  count: (counts) => counts.mine,
};
const UNASSIGNED: View = {
  id: 'unassigned',
  icon: 'user-off',
  query: { status: LIVE, assigneeId: 'none' },
  count: (counts) => counts.unassigned,
};
const OPEN: View = { id: 'open', icon: 'inbox', query: { status: LIVE }, count: (counts) => counts.open };
const OVERDUE: View = {
  id: 'overdue',
  icon: 'clock-exclamation',
  query: { workflow: 'overdue' },
  count: (counts) => counts.overdue,
  isAlarm: true,
};
const RESOLVED: View = {
  id: 'resolved',
  icon: 'circle-check',
  query: { status: SETTLED },
  count: (counts) => counts.byStatus.resolved + counts.byStatus.closed,
};
const ALL: View = { id: 'all', icon: 'list', query: {}, count: (counts) => counts.all };

const STAFF_VIEWS: readonly View[] = [MINE, UNASSIGNED, OPEN, OVERDUE, RESOLVED, ALL];
/** Who only raises tickets has no use for assignees: all that they see is theirs. */
const REQUESTER_VIEWS: readonly View[] = [ALL, OPEN, RESOLVED];

export function viewsFor(role: Role): readonly View[] {
  return role === 'user' ? REQUESTER_VIEWS : STAFF_VIEWS;
}

/** The view that shows when the address names none. */
export function defaultView(role: Role): ViewId {
  return role === 'user' ? 'all' : 'open';
}

export function findView(role: Role, id: string | null): View {
  const views = viewsFor(role);
  return views.find((view) => view.id === id) ?? views.find((view) => view.id === defaultView(role)) ?? ALL;
}
