import { describe, expect, it } from 'vitest';
import {
  conditionsOf,
  formatFilter,
  isNarrowed,
  parseFilter,
  toTicketQuery,
  withoutFilters,
} from './ticket-filter';
import { findView } from './views';

function parse(text: string, role: 'admin' | 'agent' | 'user' = 'agent') {
  return parseFilter(new URLSearchParams(text), role);
}

function query(text: string) {
  const filter = parse(text);
  return toTicketQuery(filter, findView('agent', filter.view, [SAVED]));
}

const SAVED = {
  id: '0198c0de-1234-7abc-8def-0123456789ab',
  name: 'Customs',
  shared: true,
  filter: { tag: { is: ['customs'] } },
  sort: '-priority' as const,
  columns: null,
  position: 1,
  createdAt: '2026-01-01T08:00:00.000Z',
  updatedAt: '2026-01-01T08:00:00.000Z',
};

describe('the address', () => {
  it('comes back as it was written', () => {
    const text =
      '?view=all&status=open,waiting&priority=high&assignee=me&tag=customs&snoozed=false&q=a%26b&sort=-number';
    expect(formatFilter(parse(text), 'agent')).toBe(text);
  });

  it('says nothing of what is as by default', () => {
    expect(formatFilter(parse(''), 'agent')).toBe('');
    expect(formatFilter(parse('view=open'), 'agent')).toBe('');
    expect(formatFilter(parse('', 'user'), 'user')).toBe('');
  });

  it('holds a saved view, groups of conditions and columns', () => {
    const filter = '%7B%22any%22%3A%5B%7B%22tag%22%3A%7B%22is%22%3A%5B%22x%22%5D%7D%7D%5D%7D';
    const text = `?view=${SAVED.id}&filter=${filter}&sort=number&columns=status,createdAt`;
    expect(formatFilter(parse(text), 'agent')).toBe(text.replace('%5B%22x%22%5D', '%5B%22x%22%5D'));
    expect(parse(text).expression).toEqual({ any: [{ tag: { is: ['x'] } }] });
    expect(parse('filter=%7B').expression).toBeNull();
    expect(parse('columns=status,odd,status').columns).toEqual(['status']);
    expect(parse(`view=${SAVED.id}`, 'user').view).toBe('all');
  });

  it('leaves out what it does not know', () => {
    const filter = parse('view=secret&status=open,odd&priority=huge&sort=rank&workflow=odd');
    expect(filter).toMatchObject({
      view: 'open',
      status: ['open'],
      priority: null,
      sort: null,
      workflow: null,
    });
  });

  it('keeps from requesters what they may not filter by', () => {
    const filter = parse('view=unassigned&assignee=me&requester=r1&workflow=overdue', 'user');
    expect(filter).toMatchObject({ view: 'all', assignee: null, requester: null, workflow: null });
  });
});

describe('the query', () => {
  it('is the view and what narrows it', () => {
    expect(query('view=mine&priority=urgent&q=+pallet+')).toEqual({
      status: 'open,in_progress,waiting',
      assigneeId: 'me',
      filter: '{"snoozed":false}',
      priority: 'urgent',
      q: 'pallet',
      sort: '-updatedAt',
    });
  });

  it('is what was saved, until it is changed', () => {
    expect(query(`view=${SAVED.id}`)).toEqual({ sort: '-priority', filter: JSON.stringify(SAVED.filter) });
    expect(query(`view=${SAVED.id}&filter={"all":[]}&sort=number`)).toEqual({
      sort: 'number',
      filter: '{"all":[]}',
    });
    // Beside a ready-made view, groups narrow it further.
    expect(JSON.parse(query('view=solved&filter={"tag":{"is":["x"]}}').filter ?? '')).toEqual({
      all: [{ resolvedAt: { withinDays: 7 } }, { tag: { is: ['x'] } }],
    });
  });

  it('narrows the statuses of the view, but never widens them', () => {
    expect(query('status=waiting,closed').status).toBe('waiting');
    expect(query('status=closed').status).toBe('open,in_progress,waiting');
  });

  it('leaves out of what is open what is snoozed, until it is asked for', () => {
    expect(query('').filter).toBe('{"snoozed":false}');
    expect(query('snoozed=true').filter).toBe('{"snoozed":true}');
    expect(query('view=all').filter).toBeUndefined();
    expect(query('view=snoozed')).toEqual({ sort: '-updatedAt', filter: '{"snoozed":true}' });
    expect(query('view=snoozed&snoozed=false').filter).toBe('{"snoozed":true}');
    expect(JSON.parse(query('filter={"tag":{"is":["x"]}}').filter ?? '')).toEqual({
      all: [{ snoozed: false }, { tag: { is: ['x'] } }],
    });
    // To who raises tickets nothing is snoozed.
    const own = parse('view=open&snoozed=true', 'user');
    expect(own.snoozed).toBeNull();
    expect(toTicketQuery(own, findView('user', own.view)).filter).toBeUndefined();
  });

  it('is kept with a view that is saved', () => {
    const filter = parse('assignee=me&tag=x');
    expect(conditionsOf(filter, findView('agent', filter.view))).toEqual({
      all: [
        { status: { is: ['open', 'in_progress', 'waiting'] } },
        { assignee: { is: ['me'] } },
        { tag: { is: ['x'] } },
        { snoozed: false },
      ],
    });
  });

  it('does not contradict the view', () => {
    expect(query('view=unassigned&assignee=me').assigneeId).toBe('none');
    expect(query('view=overdue&workflow=done').workflow).toBe('overdue');
  });
});

it('knows when it is narrowed', () => {
  const filter = parse('view=all&tag=x&q=y&sort=number');
  expect(isNarrowed(filter)).toBe(true);
  expect(isNarrowed(withoutFilters(filter))).toBe(false);
  expect(withoutFilters(filter)).toMatchObject({ view: 'all', sort: 'number' });
});
