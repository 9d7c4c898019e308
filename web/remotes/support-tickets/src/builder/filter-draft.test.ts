import type { Expression } from '@flowbit/api';
import { expect, it } from 'vitest';
import { draftOf, expressionOfDraft } from './filter-draft';

it.each<Expression>([
  { status: { is: ['open', 'waiting'] } },
  {
    all: [{ priority: { isNot: ['low'] } }, { any: [{ assignee: { is: ['me'] } }, { tag: { is: ['x'] } }] }],
  },
  { all: [{ snoozed: false }, { workflow: { is: ['overdue'] } }] },
  { any: [{ text: { contains: 'pallet' } }, { updatedAt: { withinDays: 7 } }] },
])('comes back as it was: %j', (expression) => {
  expect(expressionOfDraft(draftOf(expression))).toEqual(expression);
});

it('leaves out rows that are not complete, and groups that have none', () => {
  const draft = draftOf({ all: [{ status: { is: ['open'] } }, { any: [{ tag: { is: ['x'] } }] }] });
  const [, group] = draft.parts;
  if (!group || !('parts' in group)) throw new Error('the second part is a group');
  group.parts = group.parts.map((part) => ({ ...part, values: [] }));
  expect(expressionOfDraft(draft)).toEqual({ status: { is: ['open'] } });
  expect(expressionOfDraft(draftOf(null))).toBeNull();
});

it('finds numbers whether they are kept as such or as text', () => {
  const draft = draftOf({ customField: { key: 'order', is: ['7'] } });
  expect(expressionOfDraft(draft)).toEqual({ customField: { key: 'order', is: ['7', 7] } });
});
