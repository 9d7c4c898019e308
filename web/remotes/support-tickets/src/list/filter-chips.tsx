/** What narrows the view, as words that can be taken away one by one. */
import type { Ticket } from '@flowbit/api';
import { AppIcon, defineMessages, stateWords, UnstyledButton, useMessages } from '@flowbit/ui';
import type { ReactNode } from 'react';
import { fieldWords } from '../fields/words';
import { countConditions } from '../model/expression';
import { useAssignees, useTeams } from '../model/queries';
import { type FilterField, isNarrowed, type TicketFilter, withoutFilters } from '../model/ticket-filter';
import classes from './filter-chips.module.css';

const words = defineMessages({
  en: {
    filters: 'Filters',
    clear: 'Clear all',
    remove: (filter: string) => `Remove filter ${filter}`,
    search: 'Search',
    other: 'Someone',
    otherTeam: 'A team',
    conditions: 'Conditions',
  },
  de: {
    filters: 'Filter',
    clear: 'Alle entfernen',
    remove: (filter: string) => `Filter ${filter} entfernen`,
    search: 'Suche',
    other: 'Jemand',
    otherTeam: 'Ein Team',
    conditions: 'Bedingungen',
  },
});

export interface FilterChipsProps {
  filter: TicketFilter;
  tickets: readonly Ticket[];
  onChange(filter: TicketFilter): void;
  /** Stands behind the chips, also when there are none. */
  children: ReactNode;
}

interface Chip {
  key: string;
  field: string;
  value: string;
  without: TicketFilter;
}

function useChips(filter: TicketFilter, tickets: readonly Ticket[]): Chip[] {
  const text = useMessages(words);
  const fields = useMessages(fieldWords);
  const states = useMessages(stateWords);
  const assignees = useAssignees().data;
  const teams = useTeams().data;
  const chips: Chip[] = filter.status.map((status) => ({
    key: `status:${status}`,
    field: fields.status,
    value: states[status],
    without: { ...filter, status: filter.status.filter((one) => one !== status) },
  }));
  const add = (key: Exclude<FilterField, 'status'>, value: string) =>
    chips.push({ key, field: fields[key], value, without: { ...filter, [key]: null } });

  if (filter.priority !== null) add('priority', states[filter.priority]);
  if (filter.assignee === 'me') add('assignee', fields.me);
  else if (filter.assignee === 'none') add('assignee', fields.nobody);
  else if (filter.assignee !== null) {
    add('assignee', assignees?.find(({ id }) => id === filter.assignee)?.name ?? text.other);
  }
  if (filter.team === 'mine') add('team', fields.myTeams);
  else if (filter.team === 'none') add('team', fields.noTeam);
  else if (filter.team !== null) {
    add('team', teams?.find(({ id }) => id === filter.team)?.name ?? text.otherTeam);
  }
  if (filter.tag !== null) add('tag', filter.tag);
  if (filter.requester !== null) {
    const known = tickets.find(({ requester }) => requester.id === filter.requester);
    add('requester', known?.requester.name ?? text.other);
  }
  if (filter.workflow !== null) add('workflow', states[filter.workflow]);
  if (filter.snoozed !== null) add('snoozed', filter.snoozed ? fields.yes : fields.no);
  if (filter.expression !== null) {
    chips.push({
      key: 'expression',
      field: text.conditions,
      value: String(countConditions(filter.expression)),
      without: { ...filter, expression: null },
    });
  }
  return chips;
}

export function FilterChips({ filter, tickets, onChange, children }: FilterChipsProps) {
  const text = useMessages(words);
  const chips = useChips(filter, tickets);
  if (chips.length === 0 && !children) return null;
  return (
    <section className={classes.root} aria-label={text.filters}>
      {chips.map(({ key, field, value, without }) => (
        <UnstyledButton
          key={key}
          className={classes.chip}
          aria-label={text.remove(`${field}: ${value}`)}
          onClick={() => onChange(without)}
        >
          <span className={classes.field}>{field}</span>
          <span className={classes.value}>{value}</span>
          <AppIcon name="x" size={12} className={classes.remove} />
        </UnstyledButton>
      ))}
      {isNarrowed(filter) && chips.length > 1 && (
        <UnstyledButton className={classes.clear} onClick={() => onChange(withoutFilters(filter))}>
          {text.clear}
        </UnstyledButton>
      )}
      {children}
    </section>
  );
}
