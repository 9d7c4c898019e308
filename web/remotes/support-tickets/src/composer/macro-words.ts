/** What a macro does besides answering, in a few words: `Waiting, to me, + asked`. */
import type { Assignee, Macro } from '@flowbit/api';
import { defineMessages, type Locale, stateWords } from '@flowbit/ui';

const words = defineMessages({
  en: {
    me: 'to me',
    nobody: 'to nobody',
    to: (name: string) => `to ${name}`,
    someone: 'someone who is gone',
    priority: (name: string) => `priority ${name}`,
  },
  de: {
    me: 'an mich',
    nobody: 'an niemanden',
    to: (name: string) => `an ${name}`,
    someone: 'jemanden, der nicht mehr da ist',
    priority: (name: string) => `Priorität ${name}`,
  },
});

export function describeActions(
  { actions }: Pick<Macro, 'actions'>,
  assignees: readonly Assignee[] | undefined,
  locale: Locale,
): string {
  const text = words[locale];
  const states = stateWords[locale];
  const { status, priority, addTags, removeTags, assignee } = actions;
  const parts: string[] = [];
  if (status) parts.push(states[status]);
  if (priority) parts.push(text.priority(states[priority]));
  if (assignee === 'me' || assignee === 'nobody') parts.push(text[assignee]);
  else if (assignee) parts.push(text.to(assignees?.find(({ id }) => id === assignee)?.name ?? text.someone));
  parts.push(...addTags.map((tag) => `+ ${tag}`), ...removeTags.map((tag) => `− ${tag}`));
  return parts.join(', ');
}
