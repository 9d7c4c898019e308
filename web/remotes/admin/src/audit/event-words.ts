/** Fields and values of events in plain words, and what an event is about. */
import type { Json, LedgerEvent } from '@flowbit/api';
import { defineMessages, stateWords, useFormats, useMessages } from '@flowbit/ui';
import { useActionWords } from '../parts/action-words';

const fieldWords = defineMessages({
  en: {
    status: 'Status',
    priority: 'Priority',
    assignee: 'Assignee',
    assigneeId: 'Assignee',
    team: 'Team',
    assignment: 'Assignment',
    members: 'Members',
    outOfOffice: 'Out of office',
    title: 'Title',
    description: 'Description',
    tags: 'Tags',
    customFields: 'Custom fields',
    snooze: 'Snoozed',
    name: 'Name',
    role: 'Role',
    roles: 'Roles',
    active: 'Active',
    enabled: 'Switched on',
    order: 'Order',
    url: 'URL',
    events: 'Events',
    deadlineSeconds: 'Deadline (seconds)',
    reopenDays: 'Days to reopen',
  },
  de: {
    status: 'Status',
    priority: 'Priorität',
    assignee: 'Zugewiesen',
    assigneeId: 'Zugewiesen',
    team: 'Team',
    assignment: 'Verteilung',
    members: 'Mitglieder',
    outOfOffice: 'Abwesend',
    title: 'Titel',
    description: 'Beschreibung',
    tags: 'Schlagwörter',
    customFields: 'Eigene Felder',
    snooze: 'Zurückgestellt',
    name: 'Name',
    role: 'Rolle',
    roles: 'Rollen',
    active: 'Aktiv',
    enabled: 'Eingeschaltet',
    order: 'Reihenfolge',
    url: 'URL',
    events: 'Ereignisse',
    deadlineSeconds: 'Frist (Sekunden)',
    reopenDays: 'Tage zum Wiederöffnen',
  },
});

const valueWords = defineMessages({
  en: {
    none: 'none',
    yes: 'yes',
    no: 'no',
    untilTime: (when: string) => `until ${when}`,
    untilReply: 'until the requester replies',
  },
  de: {
    none: 'nichts',
    yes: 'ja',
    no: 'nein',
    untilTime: (when: string) => `bis ${when}`,
    untilReply: 'bis zur Antwort der anfragenden Person',
  },
});

/** Fields whose values are states, with words of their own. */
const WITH_STATES = new Set(['status', 'priority', 'role', 'roles']);

export function useEventWords() {
  const fields: Record<string, string> = useMessages(fieldWords);
  const values = useMessages(valueWords);
  const states: Record<string, string> = useMessages(stateWords);
  const formats = useFormats();

  function wordOf(value: Json, field: string): string {
    if (value === null || value === '') return values.none;
    if (typeof value === 'boolean') return value ? values.yes : values.no;
    if (typeof value === 'number') return formats.number(value);
    if (typeof value === 'string') return WITH_STATES.has(field) ? (states[value] ?? value) : value;
    if (!Array.isArray(value) && typeof value.name === 'string') return value.name;
    if (!Array.isArray(value) && field === 'snooze') {
      const { until } = value;
      return typeof until === 'string' ? values.untilTime(formats.exact(new Date(until))) : values.untilReply;
    }
    return JSON.stringify(value);
  }

  return {
    /** `Reports: Switched on` for what is nested. */
    fieldOf: (path: readonly string[]) => path.map((key) => fields[key] ?? key).join(': '),
    wordOf,
  };
}

const reasonWords = defineMessages({
  en: {
    wrongPassword: 'wrong password',
    inactive: 'the person is disabled',
    noPassword: 'the invitation is not accepted yet',
    wrongSecret: 'wrong secret',
    wrongToken: 'wrong token',
    mismatch: 'secret and token are not for each other',
    ticketGone: 'the ticket is deleted',
  },
  de: {
    wrongPassword: 'falsches Passwort',
    inactive: 'die Person ist gesperrt',
    noPassword: 'die Einladung ist noch nicht angenommen',
    wrongSecret: 'falsches Geheimnis',
    wrongToken: 'falsches Token',
    mismatch: 'Geheimnis und Token gehören nicht zusammen',
    ticketGone: 'das Ticket ist gelöscht',
  },
});

/** Where an event's data says what it is about; the first that is there counts. */
const SUBJECTS = ['title', 'name', 'email', 'description', 'url', 'eventType', 'reason', 'route', 'format'];

/** What an event is about, in a few words: a ticket's title, a person's name, an endpoint's address. */
export function useSubjectOf() {
  const reasons: Record<string, string> = useMessages(reasonWords);
  const actionWords = useActionWords();
  return ({ data }: Pick<LedgerEvent, 'data'>): string | null => {
    for (const key of SUBJECTS) {
      const value = data[key];
      if (typeof value !== 'string' || value === '') continue;
      if (key === 'eventType') return actionWords(value).label;
      return key === 'reason' ? (reasons[value] ?? value) : value;
    }
    return null;
  };
}

/** The number of the ticket that an event is about. */
export function ticketNumberOf({ data }: Pick<LedgerEvent, 'data'>): number | null {
  return typeof data.number === 'number' ? data.number : null;
}
