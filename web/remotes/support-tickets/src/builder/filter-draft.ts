/** A filter as the builder shows it: rows and groups, which may not be complete yet. */
import type { Expression } from '@flowbit/api';

export const FIELDS = [
  'status',
  'priority',
  'assignee',
  'team',
  'requester',
  'mentioned',
  'tag',
  'workflow',
  'snoozed',
  'customField',
  'text',
  'createdAt',
  'updatedAt',
  'resolvedAt',
] as const;
export type Field = (typeof FIELDS)[number];

export type Comparison = 'is' | 'isNot' | 'contains' | 'after' | 'before' | 'withinDays' | 'olderThanDays';

const CHOICE: readonly Comparison[] = ['is', 'isNot'];
const MOMENT: readonly Comparison[] = ['withinDays', 'olderThanDays', 'after', 'before'];

/** How each field can be compared, the usual one first. */
export const COMPARISONS: Record<Field, readonly Comparison[]> = {
  status: CHOICE,
  priority: CHOICE,
  assignee: CHOICE,
  team: CHOICE,
  requester: CHOICE,
  mentioned: CHOICE,
  tag: CHOICE,
  workflow: CHOICE,
  snoozed: ['is'],
  customField: CHOICE,
  text: ['contains'],
  createdAt: MOMENT,
  updatedAt: MOMENT,
  resolvedAt: MOMENT,
};

export interface Condition {
  /** Of the row, for drawing. */
  id: string;
  field: Field;
  comparison: Comparison;
  values: string[];
  /** Of a field of the company's own. */
  key: string;
}

export interface Group {
  id: string;
  join: 'all' | 'any';
  parts: (Condition | Group)[];
}

const CHOICE_FIELDS = [
  'status',
  'priority',
  'assignee',
  'team',
  'requester',
  'mentioned',
  'workflow',
  'snoozed',
] as const satisfies readonly Field[];
export type ChoiceField = (typeof CHOICE_FIELDS)[number];

/** Fields whose values are few and known. */
export function isChoiceField(field: Field): field is ChoiceField {
  return CHOICE_FIELDS.some((one) => one === field);
}

function newId(): string {
  return crypto.randomUUID();
}

export function conditionOf(id: string, field: Field): Condition {
  const values = field === 'snoozed' ? ['true'] : [];
  return { id, field, comparison: COMPARISONS[field][0] ?? 'is', values, key: '' };
}

export function emptyCondition(): Condition {
  return conditionOf(newId(), 'status');
}

function readPart(expression: Expression): Condition | Group {
  if ('all' in expression) return { id: newId(), join: 'all', parts: expression.all.map(readPart) };
  if ('any' in expression) return { id: newId(), join: 'any', parts: expression.any.map(readPart) };
  if ('snoozed' in expression) {
    return { ...conditionOf(newId(), 'snoozed'), values: [String(expression.snoozed)] };
  }
  const [field, content] = Object.entries(expression)[0] as [Field, Record<string, unknown>];
  const { key, ...compared } = content;
  const [comparison, value] = Object.entries(compared).find(([, one]) => one != null) ?? ['is', []];
  const values = (Array.isArray(value) ? value : [value]).map(String);
  const isDay = comparison === 'after' || comparison === 'before';
  return {
    id: newId(),
    field,
    comparison: comparison as Comparison,
    values: isDay ? values.map((time) => time.slice(0, 10)) : values,
    key: typeof key === 'string' ? key : '',
  };
}

/** What the builder begins with: one empty row when there is nothing yet. */
export function draftOf(expression: Expression | null): Group {
  if (expression === null) return { id: newId(), join: 'all', parts: [emptyCondition()] };
  const part = readPart(expression);
  if (!('parts' in part)) return { id: newId(), join: 'all', parts: [part] };
  return part.parts.length > 0 ? part : draftOf(null);
}

export function isComplete(condition: Condition): boolean {
  const { field, comparison, values, key } = condition;
  if (field === 'customField' && key.trim() === '') return false;
  const [first = ''] = values;
  if (comparison === 'withinDays' || comparison === 'olderThanDays') return /^[1-9]\d{0,3}$/.test(first);
  if (comparison === 'after' || comparison === 'before') return !Number.isNaN(Date.parse(first));
  return first.trim() !== '';
}

/** A value of a company's own field: a number or yes and no where it looks like one, for that is what is kept. */
function scalarOf(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(text) ? Number(text) : text;
}

function write(condition: Condition): Expression {
  const { field, comparison, values, key } = condition;
  const [first = ''] = values;
  if (field === 'snoozed') return { snoozed: first === 'true' };
  if (field === 'customField') {
    // What looks like a number may be a text as well: either is found.
    const both = values.flatMap((text) => [...new Set([text, scalarOf(text)])]);
    return { customField: { key: key.trim(), [comparison]: both } };
  }
  if (comparison === 'contains') return { text: { contains: first.trim() } };
  const content =
    comparison === 'withinDays' || comparison === 'olderThanDays'
      ? Number(first)
      : comparison === 'after' || comparison === 'before'
        ? new Date(`${first}T00:00:00`).toISOString()
        : values;
  return { [field]: { [comparison]: content } } as Expression;
}

/** The filter that the complete rows make; null when there is none. */
export function expressionOfDraft(group: Group): Expression | null {
  const parts = group.parts.flatMap((part) => {
    if ('parts' in part) return expressionOfDraft(part) ?? [];
    return isComplete(part) ? write(part) : [];
  });
  const [only] = parts;
  if (!only) return null;
  if (parts.length === 1) return only;
  return group.join === 'all' ? { all: parts } : { any: parts };
}
