/** The views: the ready-made ones, and how a saved one is shown like them. */
import type { Expression, Role, SavedView, TicketQuery, TicketSort, ViewColumn } from '@flowbit/api';
import type { IconName } from '@flowbit/ui';

export type ViewId =
  | 'mine'
  | 'mentioned'
  | 'my_teams'
  | 'unassigned'
  | 'open'
  | 'snoozed'
  | 'overdue'
  | 'solved'
  | 'resolved'
  | 'all';

export interface View {
  /** A ready-made view's name, or a saved one's id. */
  id: string;
  icon: IconName;
  query: Pick<TicketQuery, 'status' | 'assigneeId' | 'teamId' | 'workflow'>;
  expression?: Expression;
  /** Whether it shows what is snoozed or what is not; both if it says nothing. */
  snoozed?: boolean;
  sort: TicketSort;
  columns?: readonly ViewColumn[] | null;
  /** Its number asks for attention while it is not zero. */
  isAlarm?: boolean;
  /** What was saved, if it is no ready-made one. */
  saved?: SavedView;
}

export interface ReadyView extends View {
  id: ViewId;
}

export const USUAL_SORT: TicketSort = '-updatedAt';
const LIVE = 'open,in_progress,waiting';
const SETTLED = 'resolved,closed';

const MINE: ReadyView = {
  id: 'mine',
  icon: 'user-check',
  query: { status: LIVE, assigneeId: 'me' },
  snoozed: false,
  sort: USUAL_SORT,
};
const MENTIONED: ReadyView = {
  id: 'mentioned',
  icon: 'at',
  query: {},
  expression: { mentioned: { is: ['me'] } },
  sort: USUAL_SORT,
};

const MY_TEAMS: ReadyView = {
  id: 'my_teams',
  icon: 'users',
  query: { status: LIVE, teamId: 'mine' },
  snoozed: false,
  sort: USUAL_SORT,
};
const UNASSIGNED: ReadyView = {
  id: 'unassigned',
  icon: 'user-off',
  query: { status: LIVE, assigneeId: 'none' },
  snoozed: false,
  sort: USUAL_SORT,
};
const OWN_OPEN: ReadyView = { id: 'open', icon: 'inbox', query: { status: LIVE }, sort: USUAL_SORT };
const OPEN: ReadyView = { ...OWN_OPEN, snoozed: false };
const SNOOZED: ReadyView = { id: 'snoozed', icon: 'snooze', query: {}, snoozed: true, sort: USUAL_SORT };
const OVERDUE: ReadyView = {
  id: 'overdue',
  icon: 'clock-exclamation',
  query: { workflow: 'overdue' },
  sort: USUAL_SORT,
  isAlarm: true,
};
const SOLVED: ReadyView = {
  id: 'solved',
  icon: 'circle-check',
  query: {},
  expression: { resolvedAt: { withinDays: 7 } },
  sort: '-resolvedAt',
};
const RESOLVED: ReadyView = {
  id: 'resolved',
  icon: 'circle-check',
  query: { status: SETTLED },
  sort: USUAL_SORT,
};
const ALL: ReadyView = { id: 'all', icon: 'list', query: {}, sort: USUAL_SORT };

const STAFF_VIEWS: readonly ReadyView[] = [
  MINE,
  MENTIONED,
  MY_TEAMS,
  UNASSIGNED,
  OPEN,
  SNOOZED,
  OVERDUE,
  SOLVED,
  ALL,
];
/** Who only raises tickets has no use for assignees: all that they see is theirs, and nothing is put aside to them. */
const REQUESTER_VIEWS: readonly ReadyView[] = [ALL, OWN_OPEN, RESOLVED];

export function viewsFor(role: Role): readonly ReadyView[] {
  return role === 'user' ? REQUESTER_VIEWS : STAFF_VIEWS;
}

/** The view that shows when the address names none. */
export function defaultView(role: Role): ViewId {
  return role === 'user' ? 'all' : 'open';
}

/** Where a view is, below the screen's own path. */
export function pathOfView(role: Role, id: string): string {
  return id === defaultView(role) ? '/' : `/?view=${id}`;
}

/** Whether an address names a saved view. */
export function isSavedId(id: string | null): id is string {
  return id !== null && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id);
}

function showSaved(saved: SavedView): View {
  const { id, filter, sort, columns, shared } = saved;
  return { id, icon: shared ? 'users' : 'user', query: {}, expression: filter, sort, columns, saved };
}

/** The view of that id; what is unknown is the default one. */
export function findView(role: Role, id: string | null, saved: readonly SavedView[] = []): View {
  const found = role === 'user' ? undefined : saved.find((view) => view.id === id);
  if (found) return showSaved(found);
  const views = viewsFor(role);
  return views.find((view) => view.id === id) ?? views.find((view) => view.id === defaultView(role)) ?? ALL;
}
