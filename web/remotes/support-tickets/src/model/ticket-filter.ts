/**
 * What the list shows, as the address says it: `?view=mine&priority=high&q=pallet`.
 *
 * The address is the only place where it is kept, so that a link, a reload and the way back all
 * show the same list.
 */
import type {
  Expression,
  Role,
  TicketPriority,
  TicketQuery,
  TicketSort,
  TicketStatus,
  ViewColumn,
  WorkflowState,
} from '@flowbit/api';
import { bothOf, parseExpression } from './expression';
import { defaultView, findView, isSavedId, type View } from './views';

export const STATUSES = ['open', 'in_progress', 'waiting', 'resolved', 'closed'] as const;
export const PRIORITIES = ['urgent', 'high', 'normal', 'low'] as const;
export const WORKFLOW_STATES = ['pending', 'running', 'done', 'failed', 'overdue'] as const;
export const SORTS = [
  '-updatedAt',
  'updatedAt',
  '-createdAt',
  'createdAt',
  '-priority',
  '-number',
  'number',
  '-resolvedAt',
] as const satisfies readonly TicketSort[];

/** The columns that a wide list may have beside number and title, in the order of choosing. */
export const COLUMNS = [
  'tags',
  'workflow',
  'messages',
  'status',
  'priority',
  'requester',
  'assignee',
  'team',
  'createdAt',
  'updatedAt',
  'resolvedAt',
] as const satisfies readonly ViewColumn[];

export const USUAL_COLUMNS: readonly ViewColumn[] = [
  'priority',
  'tags',
  'workflow',
  'messages',
  'status',
  'requester',
  'assignee',
  'updatedAt',
];

/** Whether there is work left. */
export function isLive(status: TicketStatus): boolean {
  return status !== 'resolved' && status !== 'closed';
}

export interface TicketFilter {
  /** A ready-made view's name, or a saved one's id. */
  view: string;
  /** In the order of `STATUSES`; empty for those of the view. */
  status: TicketStatus[];
  priority: TicketPriority | null;
  /** A user id, `me` or `none`. */
  assignee: string | null;
  /** A team's id, `mine` or `none`. */
  team: string | null;
  requester: string | null;
  tag: string | null;
  workflow: WorkflowState | null;
  /** Whether only what is snoozed shows, or only what is not; null for as the view has it. */
  snoozed: boolean | null;
  q: string;
  /** Conditions in groups; beside a saved view they stand in the place of its own. */
  expression: Expression | null;
  /** Null for the view's. */
  sort: TicketSort | null;
  /** Null for the view's. */
  columns: readonly ViewColumn[] | null;
}

/** Which filters narrow the view; words, groups and the order are not among them. */
export type FilterField =
  | 'status'
  | 'priority'
  | 'assignee'
  | 'team'
  | 'requester'
  | 'tag'
  | 'workflow'
  | 'snoozed';

function oneOf<T extends string>(allowed: readonly T[], value: string | null): T | null {
  return allowed.find((candidate) => candidate === value) ?? null;
}

function readFlag(value: string | null): boolean | null {
  if (value === 'true') return true;
  return value === 'false' ? false : null;
}

/** Reads the query of the address; what it doesn't know, it leaves out. */
export function parseFilter(search: URLSearchParams, role: Role): TicketFilter {
  const wanted = (search.get('status') ?? '').split(',');
  const isStaff = role !== 'user';
  const view = search.get('view');
  const columns = (search.get('columns') ?? '').split(',');
  const chosen = columns.flatMap((name) => oneOf(COLUMNS, name) ?? []);
  return {
    // Whether there is such a saved view is known when they have come.
    view: isStaff && isSavedId(view) ? view : findView(role, view).id,
    status: STATUSES.filter((status) => wanted.includes(status)),
    priority: oneOf(PRIORITIES, search.get('priority')),
    assignee: isStaff ? search.get('assignee') || null : null,
    team: isStaff ? search.get('team') || null : null,
    requester: isStaff ? search.get('requester') || null : null,
    tag: search.get('tag')?.trim() || null,
    workflow: isStaff ? oneOf(WORKFLOW_STATES, search.get('workflow')) : null,
    snoozed: isStaff ? readFlag(search.get('snoozed')) : null,
    q: search.get('q') ?? '',
    expression: parseExpression(search.get('filter')),
    sort: oneOf(SORTS, search.get('sort')),
    columns: chosen.length > 0 ? [...new Set(chosen)] : null,
  };
}

/** Writes the query of the address, with its `?`; empty when all is as by default. */
export function formatFilter(filter: TicketFilter, role: Role): string {
  const search = new URLSearchParams();
  if (filter.view !== defaultView(role)) search.set('view', filter.view);
  if (filter.status.length > 0) search.set('status', filter.status.join(','));
  for (const field of ['priority', 'assignee', 'team', 'requester', 'tag', 'workflow'] as const) {
    const value = filter[field];
    if (value !== null) search.set(field, value);
  }
  if (filter.snoozed !== null) search.set('snoozed', String(filter.snoozed));
  if (filter.q !== '') search.set('q', filter.q);
  if (filter.expression !== null) search.set('filter', JSON.stringify(filter.expression));
  if (filter.sort !== null) search.set('sort', filter.sort);
  if (filter.columns !== null) search.set('columns', filter.columns.join(','));
  const text = search.toString().replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
}

/** The fields that the view itself decides, and that a filter could only contradict. */
export function isFixedByView(view: View, field: FilterField): boolean {
  return (
    (field === 'assignee' && view.query.assigneeId !== undefined) ||
    (field === 'team' && view.query.teamId !== undefined) ||
    (field === 'workflow' && view.query.workflow !== undefined) ||
    (field === 'snoozed' && view.snoozed === true)
  );
}

/** The statuses that the view lets through, for choosing among them. */
export function statusesOf(view: View): readonly TicketStatus[] {
  const allowed = view.query.status?.split(',');
  return allowed ? STATUSES.filter((status) => allowed.includes(status)) : STATUSES;
}

/** The conditions in groups: those of the view, and those of the address. */
export function expressionOf(filter: TicketFilter, view: View): Expression | null {
  return bothOf(view.saved && filter.expression !== null ? undefined : view.expression, filter.expression);
}

/** Whether only what is snoozed shows, or only what is not. What the view leaves out shows when it is asked for. */
function snoozedOf(filter: TicketFilter, view: View): boolean | undefined {
  return isFixedByView(view, 'snoozed') ? view.snoozed : (filter.snoozed ?? view.snoozed);
}

/** All that the list shows as one filter, for keeping it as a view. */
export function conditionsOf(filter: TicketFilter, view: View): Expression {
  const { status, assigneeId, teamId, workflow, priority, requesterId, tag, q } = toTicketQuery(filter, view);
  const parts: Expression[] = [];
  if (status !== undefined)
    parts.push({ status: { is: STATUSES.filter((one) => status.split(',').includes(one)) } });
  if (priority != null) parts.push({ priority: { is: [priority] } });
  if (assigneeId !== undefined) parts.push({ assignee: { is: [assigneeId] } });
  if (teamId !== undefined) parts.push({ team: { is: [teamId] } });
  if (requesterId !== undefined) parts.push({ requester: { is: [requesterId] } });
  if (tag !== undefined) parts.push({ tag: { is: [tag] } });
  if (workflow != null) parts.push({ workflow: { is: [workflow] } });
  if (q !== undefined) parts.push({ text: { contains: q } });
  const snoozed = snoozedOf(filter, view);
  if (snoozed !== undefined) parts.push({ snoozed });
  const expression = expressionOf(filter, view);
  if (expression !== null) parts.push(...('all' in expression ? expression.all : [expression]));
  const [only] = parts;
  return parts.length === 1 && only ? only : { all: parts };
}

/** What the server is asked. */
export function toTicketQuery(filter: TicketFilter, view: View): TicketQuery {
  const query: TicketQuery = { ...view.query, sort: filter.sort ?? view.sort };
  const snoozed = snoozedOf(filter, view);
  const expression = bothOf(snoozed === undefined ? undefined : { snoozed }, expressionOf(filter, view));
  if (expression !== null) query.filter = JSON.stringify(expression);
  const allowed = statusesOf(view);
  const status = filter.status.filter((one) => allowed.includes(one));
  if (status.length > 0) query.status = status.join(',');
  if (filter.priority !== null) query.priority = filter.priority;
  if (filter.assignee !== null && !isFixedByView(view, 'assignee')) query.assigneeId = filter.assignee;
  if (filter.team !== null && !isFixedByView(view, 'team')) query.teamId = filter.team;
  if (filter.requester !== null) query.requesterId = filter.requester;
  if (filter.tag !== null) query.tag = filter.tag;
  if (filter.workflow !== null && !isFixedByView(view, 'workflow')) query.workflow = filter.workflow;
  const q = filter.q.trim();
  if (q !== '') query.q = q;
  return query;
}

/** The same filter without its narrowing: the bare view. */
export function withoutFilters(filter: TicketFilter): TicketFilter {
  return {
    ...filter,
    status: [],
    priority: null,
    assignee: null,
    team: null,
    requester: null,
    tag: null,
    workflow: null,
    snoozed: null,
    expression: null,
    q: '',
  };
}

export function isNarrowed(filter: TicketFilter): boolean {
  return (
    filter.status.length > 0 ||
    filter.priority !== null ||
    filter.assignee !== null ||
    filter.team !== null ||
    filter.requester !== null ||
    filter.tag !== null ||
    filter.workflow !== null ||
    filter.snoozed !== null ||
    filter.expression !== null ||
    filter.q.trim() !== ''
  );
}
