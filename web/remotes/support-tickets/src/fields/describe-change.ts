/** Changes of a ticket in words: `set the status to Waiting`. */
import type { Json } from '@flowbit/api';
import { defineMessages, stateWords, useMessages } from '@flowbit/ui';

const words = defineMessages({
  en: {
    status: (to: string) => `set the status to ${to}`,
    priority: (to: string) => `set the priority to ${to}`,
    assignee: (to: string) => `assigned it to ${to}`,
    unassigned: () => 'took the assignment away',
    title: (to: string) => `renamed it to “${to}”`,
    description: () => 'changed the description',
    tagged: (tags: string) => `added ${tags}`,
    untagged: (tags: string) => `removed ${tags}`,
    other: (field: string) => `changed ${field}`,
  },
  de: {
    status: (to: string) => `hat den Status auf „${to}“ gesetzt`,
    priority: (to: string) => `hat die Priorität auf „${to}“ gesetzt`,
    assignee: (to: string) => `hat es ${to} zugewiesen`,
    unassigned: () => 'hat die Zuweisung aufgehoben',
    title: (to: string) => `hat es in „${to}“ umbenannt`,
    description: () => 'hat die Beschreibung geändert',
    tagged: (tags: string) => `hat ${tags} hinzugefügt`,
    untagged: (tags: string) => `hat ${tags} entfernt`,
    other: (field: string) => `hat ${field} geändert`,
  },
});

export interface DescribableChange {
  field: string;
  from: Json;
  to: Json;
}

function namesOf(value: Json): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

export function useDescribeChange(): (change: DescribableChange) => string {
  const text = useMessages(words);
  const states: Record<string, string> = useMessages(stateWords);
  return ({ field, from, to }) => {
    switch (field) {
      case 'status':
      case 'priority':
        return text[field](states[String(to)] ?? String(to));
      case 'assignee': {
        const name = typeof to === 'object' && to !== null && !Array.isArray(to) ? to.name : null;
        return typeof name === 'string' ? text.assignee(name) : text.unassigned();
      }
      case 'title':
        return text.title(String(to));
      case 'description':
        return text.description();
      case 'tags': {
        const before = namesOf(from);
        const after = namesOf(to);
        const added = after.filter((tag) => !before.includes(tag));
        const removed = before.filter((tag) => !after.includes(tag));
        return [
          ...(added.length > 0 ? [text.tagged(added.join(', '))] : []),
          ...(removed.length > 0 ? [text.untagged(removed.join(', '))] : []),
        ].join(', ');
      }
      default:
        return text.other(field);
    }
  };
}
