/** Changes of a ticket in words: `set the status to Waiting and took it`. */
import type { Json } from '@flowbit/api';
import { defineMessages, formatsFor, type Locale, stateWords, useLocale } from '@flowbit/ui';
import type { WakeCause } from '../model/wake-cause';

/** Without the auxiliary, which German says once for all changes: `hat … gesetzt und … zugewiesen`. */
const words = defineMessages({
  en: {
    status: (to: string) => `set the status to ${to}`,
    priority: (to: string) => `set the priority to ${to}`,
    assignee: (to: string) => `assigned it to ${to}`,
    taken: 'took it',
    unassigned: 'took the assignment away',
    team: (to: string) => `gave it to the team ${to}`,
    teamless: 'took it from its team',
    title: (to: string) => `renamed it to “${to}”`,
    description: 'changed the description',
    tagged: (tags: string, count: number) => `added the ${count === 1 ? 'tag' : 'tags'} ${tags}`,
    untagged: (tags: string, count: number) => `removed the ${count === 1 ? 'tag' : 'tags'} ${tags}`,
    quoted: (tag: string) => `“${tag}”`,
    snoozed: (when: string) => `snoozed it until ${when}`,
    snoozedToReply: 'snoozed it until the requester replies',
    woken: 'woke it',
    wokenByTime: 'woke it because its time had come',
    wokenByReply: 'woke it with the reply',
    other: (field: string) => `changed ${field}`,
    they: (changes: string) => changes,
    you: (changes: string) => changes,
  },
  de: {
    status: (to: string) => `den Status auf „${to}“ gesetzt`,
    priority: (to: string) => `die Priorität auf „${to}“ gesetzt`,
    assignee: (to: string) => `es ${to} zugewiesen`,
    taken: 'es übernommen',
    unassigned: 'die Zuweisung aufgehoben',
    team: (to: string) => `es an das Team ${to} gegeben`,
    teamless: 'es seinem Team genommen',
    title: (to: string) => `es in „${to}“ umbenannt`,
    description: 'die Beschreibung geändert',
    tagged: (tags: string, count: number) =>
      `${count === 1 ? 'das Schlagwort' : 'die Schlagwörter'} ${tags} hinzugefügt`,
    untagged: (tags: string, count: number) =>
      `${count === 1 ? 'das Schlagwort' : 'die Schlagwörter'} ${tags} entfernt`,
    quoted: (tag: string) => `„${tag}“`,
    snoozed: (when: string) => `es bis ${when} zurückgestellt`,
    snoozedToReply: 'es bis zur Antwort zurückgestellt',
    woken: 'es wieder vorgelegt',
    wokenByTime: 'es wieder vorgelegt, weil die Zeit um war',
    wokenByReply: 'es durch die Antwort wieder vorgelegt',
    other: (field: string) => `${field} geändert`,
    they: (changes: string) => `hat ${changes}`,
    you: (changes: string) => `haben ${changes}`,
  },
});

export interface DescribableChange {
  field: string;
  from: Json;
  to: Json;
  /** Of a snooze that ended, if nobody ended it by hand. */
  cause?: WakeCause;
}

/** Who made the changes: their id, and whether they are the reader. */
export interface Teller {
  id: string | null;
  isReader?: boolean;
}

const SOLVED: readonly Json[] = ['resolved', 'closed'];

function namesOf(value: Json): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function describeOne({ field, from, to, cause }: DescribableChange, by: Teller, locale: Locale): string[] {
  const text = words[locale];
  const states: Record<string, string> = stateWords[locale];
  switch (field) {
    case 'status':
    case 'priority':
      return [text[field](states[String(to)] ?? String(to))];
    case 'assignee': {
      const person = typeof to === 'object' && to !== null && !Array.isArray(to) ? to : {};
      if (typeof person.name !== 'string') return [text.unassigned];
      return [person.id === by.id ? text.taken : text.assignee(person.name)];
    }
    case 'team': {
      const team = typeof to === 'object' && to !== null && !Array.isArray(to) ? to : {};
      return [typeof team.name === 'string' ? text.team(team.name) : text.teamless];
    }
    case 'title':
      return [text.title(String(to))];
    case 'description':
      return [text.description];
    case 'tags': {
      const before = namesOf(from);
      const after = namesOf(to);
      const added = after.filter((tag) => !before.includes(tag));
      const removed = before.filter((tag) => !after.includes(tag));
      const quote = (tags: string[]) => tags.map(text.quoted).join(', ');
      return [
        ...(added.length > 0 ? [text.tagged(quote(added), added.length)] : []),
        ...(removed.length > 0 ? [text.untagged(quote(removed), removed.length)] : []),
      ];
    }
    case 'snooze': {
      if (typeof to === 'object' && to !== null && !Array.isArray(to)) {
        const { until } = to;
        if (typeof until !== 'string') return [text.snoozedToReply];
        return [text.snoozed(formatsFor(locale).moment(new Date(until), Date.now()))];
      }
      if (cause === 'time') return [text.wokenByTime];
      return [cause === 'reply' ? text.wokenByReply : text.woken];
    }
    default:
      return [text.other(field.replace(/^customFields\./, ''))];
  }
}

/** What stands behind the person's name; empty when nothing changed. */
export function describeChanges(changes: readonly DescribableChange[], by: Teller, locale: Locale): string {
  // Of what is solved it goes without saying that it no longer waits.
  const isSolved = changes.some(({ field, to }) => field === 'status' && SOLVED.includes(to));
  const told = changes
    .filter(({ field, to }) => !(isSolved && field === 'snooze' && to === null))
    .flatMap((change) => describeOne(change, by, locale));
  if (told.length === 0) return '';
  const list = new Intl.ListFormat(locale, { type: 'conjunction' }).format(told);
  return words[locale][by.isReader ? 'you' : 'they'](list);
}

export function useDescribeChanges(): (changes: readonly DescribableChange[], by: Teller) => string {
  const locale = useLocale();
  return (changes, by) => describeChanges(changes, by, locale);
}
