/** What a macro does besides answering, in a few words: `Waiting, to me, + asked`. */
import type { Assignee, Macro, Team } from '@flowbit/api';
import { defineMessages, type Locale, stateWords } from '@flowbit/ui';

const words = defineMessages({
  en: {
    me: 'to me',
    nobody: 'to nobody',
    to: (name: string) => `to ${name}`,
    someone: 'someone who is gone',
    toTeam: (name: string) => `to the team ${name}`,
    lostTeam: 'to a team that is gone',
    priority: (name: string) => `priority ${name}`,
  },
  de: {
    me: 'an mich',
    nobody: 'an niemanden',
    to: (name: string) => `an ${name}`,
    someone: 'jemanden, der nicht mehr da ist',
    toTeam: (name: string) => `an das Team ${name}`,
    lostTeam: 'an ein Team, das es nicht mehr gibt',
    priority: (name: string) => `Priorität ${name}`,
  },
});

/** To whom and to which teams tickets can be given, once that is known. */
export interface KnownOwners {
  assignees: readonly Pick<Assignee, 'id' | 'name'>[] | undefined;
  teams: readonly Pick<Team, 'id' | 'name'>[] | undefined;
}

export function describeActions(
  { actions }: Pick<Macro, 'actions'>,
  { assignees, teams }: KnownOwners,
  locale: Locale,
): string {
  const text = words[locale];
  const states = stateWords[locale];
  const { status, priority, addTags, removeTags, assignee, teamId } = actions;
  const parts: string[] = [];
  if (status) parts.push(states[status]);
  if (priority) parts.push(text.priority(states[priority]));
  if (assignee === 'me' || assignee === 'nobody') parts.push(text[assignee]);
  else if (assignee) parts.push(text.to(assignees?.find(({ id }) => id === assignee)?.name ?? text.someone));
  if (teamId !== null) {
    const team = teams?.find(({ id }) => id === teamId);
    parts.push(team ? text.toTeam(team.name) : text.lostTeam);
  }
  parts.push(...addTags.map((tag) => `+ ${tag}`), ...removeTags.map((tag) => `− ${tag}`));
  return parts.join(', ');
}
