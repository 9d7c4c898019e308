import { expect, it } from 'vitest';
import { readWords } from './filter-words';

const people = {
  assignees: [
    { id: 'u1', name: 'Anna Ruiz' },
    { id: 'u2', name: 'Anton Weber' },
    { id: 'u3', name: 'Ben Ruiz' },
  ],
  requesters: [{ id: 'r1', name: 'Hana Kim' }],
};
const read = (typed: string) => readWords(typed, people, true);

it('reads what narrows, and leaves what is searched for', () => {
  expect(read('status:open assignee:me tag:refund late pallet')).toEqual({
    found: { status: ['open'], assignee: 'me', tag: 'refund' },
    rest: 'late pallet',
  });
  expect(read('late priority:urgent pallet').rest).toBe('late pallet');
});

it('knows the words of the screen, in both languages', () => {
  for (const typed of [
    'status:in_progress',
    'Status:"In progress"',
    'is:in-progress',
    'status:"In Arbeit"',
  ]) {
    expect(read(typed), typed).toEqual({ found: { status: ['in_progress'] }, rest: '' });
  }
  expect(read('priorität:hoch zuständig:niemand von:mir').found).toEqual({
    priority: 'high',
    assignee: 'none',
    requester: 'me',
  });
  expect(read('workflow:failed').found).toEqual({ workflow: 'failed' });
});

it('knows what is snoozed', () => {
  for (const typed of ['is:snoozed', 'status:Zurückgestellt', 'snoozed:yes', 'zurückgestellt:ja']) {
    expect(read(typed), typed).toEqual({ found: { snoozed: true }, rest: '' });
  }
  expect(read('snoozed:no pallet')).toEqual({ found: { snoozed: false }, rest: 'pallet' });
  expect(read('is:waiting is:snoozed').found).toEqual({ status: ['waiting'], snoozed: true });
  expect(read('snoozed:maybe')).toEqual({ found: {}, rest: 'snoozed:maybe' });
});

it('gathers several statuses, in their order', () => {
  expect(read('status:waiting,open status:closed').found).toEqual({ status: ['open', 'waiting', 'closed'] });
  expect(read('status:open,nonsense')).toEqual({ found: {}, rest: 'status:open,nonsense' });
});

it('finds a person when only one is meant', () => {
  expect(read('assignee:anna').found).toEqual({ assignee: 'u1' });
  expect(read('assignee:"ben ruiz"').found).toEqual({ assignee: 'u3' });
  expect(read('from:kim').found).toEqual({ requester: 'r1' });
  for (const typed of ['assignee:an', 'assignee:ruiz', 'assignee:zoe', 'requester:anna']) {
    expect(read(typed), typed).toEqual({ found: {}, rest: typed });
  }
});

it('waits for the end of a word', () => {
  const typing = (typed: string) => readWords(typed, people, false);
  expect(typing('tag:ref')).toEqual({ found: {}, rest: 'tag:ref' });
  expect(typing('tag:refund ')).toEqual({ found: { tag: 'refund' }, rest: '' });
  expect(typing('tag:"late')).toEqual({ found: {}, rest: 'tag:"late' });
  expect(typing('tag:"late delivery" x')).toEqual({ found: { tag: 'late delivery' }, rest: 'x' });
});

it('leaves alone what only looks like a filter', () => {
  for (const typed of ['https://tag:x', 'colour:red', 'status:', 'a b:c', '12:30']) {
    expect(read(typed), typed).toEqual({ found: {}, rest: typed });
  }
});
