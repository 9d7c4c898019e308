import { describe, expect, it } from 'vitest';
import { formatFilter, isNarrowed, parseFilter, toTicketQuery, withoutFilters } from './ticket-filter';

function parse(text: string, role: 'admin' | 'agent' | 'user' = 'agent') {
  return parseFilter(new URLSearchParams(text), role);
}

describe('the address', () => {
  it('comes back as it was written', () => {
    const text = '?view=all&status=open,waiting&priority=high&assignee=me&tag=customs&q=a%26b&sort=-number';
    expect(formatFilter(parse(text), 'agent')).toBe(text);
  });

  it('says nothing of what is as by default', () => {
    expect(formatFilter(parse(''), 'agent')).toBe('');
    expect(formatFilter(parse('view=open&sort=-updatedAt'), 'agent')).toBe('');
    expect(formatFilter(parse('', 'user'), 'user')).toBe('');
  });

  it('leaves out what it does not know', () => {
    const filter = parse('view=secret&status=open,odd&priority=huge&sort=rank&workflow=odd');
    expect(filter).toMatchObject({
      view: 'open',
      status: ['open'],
      priority: null,
      sort: '-updatedAt',
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
    expect(toTicketQuery(parse('view=mine&priority=urgent&q=+pallet+'), 'agent')).toEqual({
      status: 'open,in_progress,waiting',
      assigneeId: 'me',
      priority: 'urgent',
      q: 'pallet',
      sort: '-updatedAt',
    });
  });

  it('narrows the statuses of the view, but never widens them', () => {
    expect(toTicketQuery(parse('status=waiting,closed'), 'agent').status).toBe('waiting');
    expect(toTicketQuery(parse('status=closed'), 'agent').status).toBe('open,in_progress,waiting');
  });

  it('does not contradict the view', () => {
    expect(toTicketQuery(parse('view=unassigned&assignee=me'), 'agent').assigneeId).toBe('none');
    expect(toTicketQuery(parse('view=overdue&workflow=done'), 'agent').workflow).toBe('overdue');
  });
});

it('knows when it is narrowed', () => {
  const filter = parse('view=all&tag=x&q=y&sort=number');
  expect(isNarrowed(filter)).toBe(true);
  expect(isNarrowed(withoutFilters(filter))).toBe(false);
  expect(withoutFilters(filter)).toMatchObject({ view: 'all', sort: 'number' });
});
