/**
 * A filter as people build it, see `GET /api/tickets?filter=`.
 *
 * Loaded lists are kept true by single tickets, so the browser has to judge as the server does whether a ticket
 * fits. Words, and who belongs to which team, are the server's alone to judge.
 */
import type { Expression, Json, Ticket } from '@flowbit/api';

const DAY_MS = 24 * 60 * 60 * 1000;

type Choice<T> = { is: T[] } | { isNot: T[] };
type Moment = { after: string } | { before: string } | { withinDays: number } | { olderThanDays: number };

/** Both of two filters. */
export function bothOf(a: Expression | undefined, b: Expression | null): Expression | null {
  if (a === undefined) return b;
  return b === null ? a : { all: [a, b] };
}

/** How many conditions there are in all groups. */
export function countConditions(expression: Expression): number {
  if ('all' in expression) return expression.all.reduce((sum, part) => sum + countConditions(part), 0);
  if ('any' in expression) return expression.any.reduce((sum, part) => sum + countConditions(part), 0);
  return 1;
}

/** Whether it asks for words, for whom messages name or for one's own teams, which the server alone can judge. */
export function isServersAlone(expression: Expression): boolean {
  if ('all' in expression) return expression.all.some(isServersAlone);
  if ('any' in expression) return expression.any.some(isServersAlone);
  if ('team' in expression)
    return ('is' in expression.team ? expression.team.is : expression.team.isNot).includes('mine');
  return 'text' in expression || 'mentioned' in expression;
}

function fits<T>(choice: Choice<T>, isOne: (value: T) => boolean): boolean {
  return 'is' in choice ? choice.is.some(isOne) : !choice.isNot.some(isOne);
}

function isWhen(moment: Moment, at: string | null, now: number): boolean {
  if (at === null) return false;
  const time = Date.parse(at);
  if ('after' in moment) return time >= Date.parse(moment.after);
  if ('before' in moment) return time < Date.parse(moment.before);
  if ('withinDays' in moment) return time >= now - moment.withinDays * DAY_MS;
  return time < now - moment.olderThanDays * DAY_MS;
}

function isPerson(who: string, id: string | undefined, me: string): boolean {
  if (who === 'none') return id === undefined;
  return id === (who === 'me' ? me : who);
}

function holds(field: Json | undefined, value: Json): boolean {
  return Array.isArray(field) ? field.includes(value) : field === value;
}

/** Whether a ticket fits; of what is the server's to judge it is said that it does. */
export function matchesExpression(ticket: Ticket, expression: Expression, me: string, now: number): boolean {
  const matches = (part: Expression) => matchesExpression(ticket, part, me, now);
  if ('all' in expression) return expression.all.every(matches);
  if ('any' in expression) return expression.any.some(matches);
  if ('status' in expression) return fits(expression.status, (status) => status === ticket.status);
  if ('priority' in expression) return fits(expression.priority, (one) => one === ticket.priority);
  if ('workflow' in expression) return fits(expression.workflow, (one) => one === ticket.workflow?.state);
  if ('assignee' in expression) {
    return fits(expression.assignee, (who) => isPerson(who, ticket.assignee?.id, me));
  }
  if ('team' in expression) {
    return fits(expression.team, (team) => team === 'mine' || team === (ticket.team?.id ?? 'none'));
  }
  if ('requester' in expression) {
    return fits(expression.requester, (who) => isPerson(who, ticket.requester.id, me));
  }
  if ('snoozed' in expression) return expression.snoozed === (ticket.snooze !== null);
  if ('tag' in expression) {
    return fits(expression.tag, (tag) => ticket.tags.includes(tag.trim().toLowerCase()));
  }
  if ('customField' in expression) {
    const { key, is, isNot } = expression.customField;
    const field = (ticket.customFields as Record<string, Json>)[key.trim()];
    return is ? is.some((value) => holds(field, value)) : !(isNot ?? []).some((value) => holds(field, value));
  }
  if ('createdAt' in expression) return isWhen(expression.createdAt, ticket.createdAt, now);
  if ('updatedAt' in expression) return isWhen(expression.updatedAt, ticket.updatedAt, now);
  if ('resolvedAt' in expression) return isWhen(expression.resolvedAt, ticket.resolvedAt, now);
  return true;
}

/** Reads what an address has; what is no such filter is none. The server says what is wrong with its values. */
export function parseExpression(text: string | null): Expression | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Expression)
      : null;
  } catch {
    return null;
  }
}
