/**
 * What the list shows, as the address says it: `?view=mine&priority=high&q=pallet`.
 *
 * The address is the only place where it is kept, so that a link, a reload and the way back all
 * show the same list.
 */
import type {
  Role,
  TicketPriority,
  TicketQuery,
  TicketSort,
  TicketStatus,
  WorkflowState,
} from '@flowbit/api';
import { defaultView, findView, type View, type ViewId } from './views';

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
] as const satisfies readonly TicketSort[];

export const DEFAULT_SORT: TicketSort = '-updatedAt';

export interface TicketFilter {
  view: ViewId;
  /** In the order of `STATUSES`; empty for those of the view. */
  status: TicketStatus[];
  priority: TicketPriority | null;
  /** A user id, `me` or `none`. */
  assignee: string | null;
  requester: string | null;
  tag: string | null;
  workflow: WorkflowState | null;
  q: string;
  sort: TicketSort;
}

/** Which filters narrow the view; `q` and `sort` are not among them. */
export type FilterField = 'status' | 'priority' | 'assignee' | 'requester' | 'tag' | 'workflow';

function oneOf<T extends string>(allowed: readonly T[], value: string | null): T | null {
  return allowed.find((candidate) => candidate === value) ?? null;
}

/** Reads the query of the address; what it doesn't know, it leaves out. */
export function parseFilter(search: URLSearchParams, role: Role): TicketFilter {
  const wanted = (search.get('status') ?? '').split(',');
  const isStaff = role !== 'user';
  return {
    view: findView(role, search.get('view')).id,
    status: STATUSES.filter((status) => wanted.includes(status)),
    priority: oneOf(PRIORITIES, search.get('priority')),
    assignee: isStaff ? search.get('assignee') || null : null,
    requester: isStaff ? search.get('requester') || null : null,
    tag: search.get('tag')?.trim() || null,
    workflow: isStaff ? oneOf(WORKFLOW_STATES, search.get('workflow')) : null,
    q: search.get('q') ?? '',
    sort: oneOf(SORTS, search.get('sort')) ?? DEFAULT_SORT,
  };
}

/** Writes the query of the address, with its `?`; empty when all is as by default. */
export function formatFilter(filter: TicketFilter, role: Role): string {
  const search = new URLSearchParams();
  if (filter.view !== defaultView(role)) search.set('view', filter.view);
  if (filter.status.length > 0) search.set('status', filter.status.join(','));
  for (const field of ['priority', 'assignee', 'requester', 'tag', 'workflow'] as const) {
    const value = filter[field];
    if (value !== null) search.set(field, value);
  }
  if (filter.q !== '') search.set('q', filter.q);
  if (filter.sort !== DEFAULT_SORT) search.set('sort', filter.sort);
  const text = search.toString().replaceAll('%2C', ',');
  return text === '' ? '' : `?${text}`;
}

/** The fields that the view itself decides, and that a filter could only contradict. */
export function isFixedByView(view: View, field: FilterField): boolean {
  return (
    (field === 'assignee' && view.query.assigneeId !== undefined) ||
    (field === 'workflow' && view.query.workflow !== undefined)
  );
}

/** The statuses that the view lets through, for choosing among them. */
export function statusesOf(view: View): readonly TicketStatus[] {
  const allowed = view.query.status?.split(',');
  return allowed ? STATUSES.filter((status) => allowed.includes(status)) : STATUSES;
}

/** What the server is asked. */
export function toTicketQuery(filter: TicketFilter, role: Role): TicketQuery {
  const view = findView(role, filter.view);
  const query: TicketQuery = { ...view.query, sort: filter.sort };
  const allowed = statusesOf(view);
  const status = filter.status.filter((one) => allowed.includes(one));
  if (status.length > 0) query.status = status.join(',');
  if (filter.priority !== null) query.priority = filter.priority;
  if (filter.assignee !== null && !isFixedByView(view, 'assignee')) query.assigneeId = filter.assignee;
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
    requester: null,
    tag: null,
    workflow: null,
    q: '',
  };
}

export function isNarrowed(filter: TicketFilter): boolean {
  return (
    filter.status.length > 0 ||
    filter.priority !== null ||
    filter.assignee !== null ||
    filter.requester !== null ||
    filter.tag !== null ||
    filter.workflow !== null ||
    filter.q.trim() !== ''
  );
}
