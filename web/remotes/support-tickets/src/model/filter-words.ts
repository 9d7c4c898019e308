/**
 * Filters in words: `status:open assignee:me tag:refund pallet` narrows the list and searches for what is left.
 *
 * Names and values are those of the API, and those that the desk itself uses in English and in German. What is none
 * is searched for as it stands.
 */
import type { PersonRef as Person, TeamRef } from '@flowbit/api';
import { stateWords } from '@flowbit/ui';
import { type FilterField, PRIORITIES, STATUSES, type TicketFilter, WORKFLOW_STATES } from './ticket-filter';

const NAMES: Readonly<Record<string, FilterField>> = {
  status: 'status',
  is: 'status',
  priority: 'priority',
  priorität: 'priority',
  prio: 'priority',
  assignee: 'assignee',
  zuständig: 'assignee',
  team: 'team',
  requester: 'requester',
  from: 'requester',
  von: 'requester',
  tag: 'tag',
  schlagwort: 'tag',
  workflow: 'workflow',
  snoozed: 'snoozed',
  zurückgestellt: 'snoozed',
};

/** A name and its value, which stands in quotes when it has spaces; what follows tells whether it is finished. */
const TERM = /(?<=^|\s)([\p{L}]+):(?:"([^"]*)"|([^\s"]+))(\s|$)/gu;

export type FoundFilter = Partial<Pick<TicketFilter, FilterField>>;

export interface ReadWords {
  found: FoundFilter;
  /** What is not a filter. */
  rest: string;
}

export interface KnownPeople {
  assignees: readonly Person[];
  requesters: readonly Person[];
  teams?: readonly TeamRef[];
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[\s_-]+/g, ' ')
    .trim();
}

/** The one that is called so, in the API or on the screen. */
function named<T extends keyof typeof stateWords.en>(allowed: readonly T[], value: string): T | null {
  const isSo = (one: T) =>
    [one, stateWords.en[one], stateWords.de[one]].some((name) => plain(name) === value);
  return allowed.find(isSo) ?? null;
}

const ME = ['me', 'ich', 'mir'];
const MINE = ['mine', 'my', 'meine'];
const SNOOZED = ['snoozed', 'zurückgestellt'];
const YES = ['yes', 'true', 'ja'];
const NO = ['no', 'false', 'nein'];
const NOBODY = ['none', 'nobody', 'niemand', 'unassigned'];

/** The one person or team whose name, or a part of it, begins so. */
function personOf(people: readonly Person[], value: string): string | null {
  const fitting = people.filter(({ name }) =>
    [plain(name), ...plain(name).split(' ')].some((part) => part.startsWith(value)),
  );
  const ids = new Set(fitting.map(({ id }) => id));
  const [only] = ids;
  return ids.size === 1 && only !== undefined ? only : null;
}

/** The part of a filter that a term stands for; null if it stands for none. */
function readTerm(
  field: FilterField,
  text: string,
  before: FoundFilter,
  people: KnownPeople,
): FoundFilter | null {
  const value = plain(text);
  switch (field) {
    case 'status': {
      // `is:snoozed` says how it stands as well.
      if (SNOOZED.includes(value)) return { snoozed: true };
      const chosen = text.split(',').map((one) => named(STATUSES, plain(one)));
      if (chosen.includes(null)) return null;
      return { status: STATUSES.filter((one) => chosen.includes(one) || before.status?.includes(one)) };
    }
    case 'priority': {
      const priority = named(PRIORITIES, value);
      return priority && { priority };
    }
    case 'workflow': {
      const workflow = named(WORKFLOW_STATES, value);
      return workflow && { workflow };
    }
    case 'assignee': {
      if (ME.includes(value)) return { assignee: 'me' };
      if (NOBODY.includes(value)) return { assignee: 'none' };
      const assignee = personOf(people.assignees, value);
      return assignee === null ? null : { assignee };
    }
    case 'team': {
      if (MINE.includes(value)) return { team: 'mine' };
      if (NOBODY.includes(value)) return { team: 'none' };
      const team = personOf(people.teams ?? [], value);
      return team === null ? null : { team };
    }
    case 'requester': {
      if (ME.includes(value)) return { requester: 'me' };
      const requester = personOf(people.requesters, value);
      return requester === null ? null : { requester };
    }
    case 'snoozed':
      if (YES.includes(value)) return { snoozed: true };
      return NO.includes(value) ? { snoozed: false } : null;
    case 'tag': {
      const tag = text.trim().toLowerCase();
      return tag === '' ? null : { tag };
    }
  }
}

/** Reads filters out of what was typed. While it is being typed, the last word may not be finished. */
export function readWords(typed: string, people: KnownPeople, isFinished: boolean): ReadWords {
  let found: FoundFilter = {};
  const rest = typed.replaceAll(
    TERM,
    (term, name: string, quoted?: string, bare?: string, after?: string) => {
      const field = NAMES[name.toLowerCase()];
      if (field === undefined || (after === '' && !isFinished)) return term;
      const part = readTerm(field, quoted ?? bare ?? '', found, people);
      if (part === null) return term;
      found = { ...found, ...part };
      return '';
    },
  );
  return { found, rest: Object.keys(found).length === 0 ? typed : rest.replace(/^\s+/, '') };
}
