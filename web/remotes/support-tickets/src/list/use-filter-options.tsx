/** All filters as one list to choose from: `Status: Waiting`, `Assignee: Anna`, `Tag: customs`. */
import type { Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { AppIcon, stateWords, useMessages, WorkflowBadge } from '@flowbit/ui';
import { Initials } from '../fields/initials';
import { useAssigneeOptions, usePriorityOptions, useStatusOptions, useTeamOptions } from '../fields/options';
import type { PickerOption } from '../fields/picker';
import { fieldWords } from '../fields/words';
import { useAssignees, useTeams } from '../model/queries';
import {
  type FilterField,
  isFixedByView,
  PRIORITIES,
  STATUSES,
  statusesOf,
  type TicketFilter,
  WORKFLOW_STATES,
} from '../model/ticket-filter';
import type { View } from '../model/views';

const WORKFLOW_CHOICES = WORKFLOW_STATES.filter((state) => state !== 'pending');

export function useFilterOptions(
  filter: TicketFilter,
  view: View,
  tickets: readonly Ticket[],
): PickerOption[] {
  const { user, locale } = useScreen();
  const fields = useMessages(fieldWords);
  const states = useMessages(stateWords);
  const assignees = useAssignees().data;
  const statuses = useStatusOptions(filter.status);
  const priorities = usePriorityOptions(filter.priority);
  const chosenAssignee = filter.assignee === 'me' ? user.id : filter.assignee;
  const people = useAssigneeOptions(assignees, chosenAssignee);
  const teams = useTeams().data;
  const groups = useTeamOptions(teams, filter.team);

  const inGroup = (field: FilterField, options: readonly PickerOption[]) =>
    options.map((option) => ({ ...option, value: `${field}:${option.value}`, group: fields[field] }));

  const tags = [...new Set(tickets.flatMap((ticket) => ticket.tags))].toSorted((a, b) =>
    a.localeCompare(b, locale),
  );
  const requesters = [
    ...new Map(tickets.map(({ requester }) => [requester.id, requester])).values(),
  ].toSorted((a, b) => a.name.localeCompare(b.name, locale));
  const isStaff = user.role !== 'user';

  return [
    ...inGroup(
      'status',
      statuses.filter(({ value }) => statusesOf(view).some((status) => status === value)),
    ),
    ...inGroup('priority', priorities),
    ...(isStaff && !isFixedByView(view, 'assignee')
      ? inGroup(
          'assignee',
          people.map((option) => (option.value === user.id ? { ...option, value: 'me' } : option)),
        )
      : []),
    ...(isStaff && teams && teams.length > 0 && !isFixedByView(view, 'team')
      ? inGroup('team', [
          {
            value: 'mine',
            label: fields.myTeams,
            icon: <AppIcon name="users" size={16} />,
            isChosen: filter.team === 'mine',
          },
          ...groups,
        ])
      : []),
    ...inGroup(
      'tag',
      tags.map((tag) => ({
        value: tag,
        label: tag,
        icon: <AppIcon name="tag" />,
        isChosen: filter.tag === tag,
      })),
    ),
    ...(isStaff
      ? inGroup(
          'requester',
          requesters.map(({ id, name }) => ({
            value: id,
            label: name,
            icon: <Initials name={name} />,
            isChosen: filter.requester === id,
          })),
        )
      : []),
    ...(isStaff && !isFixedByView(view, 'workflow')
      ? inGroup(
          'workflow',
          WORKFLOW_CHOICES.map((state) => ({
            value: state,
            label: states[state],
            icon: <WorkflowBadge state={state} variant="icon" />,
            isChosen: filter.workflow === state,
          })),
        )
      : []),
    ...(isStaff && !isFixedByView(view, 'snoozed')
      ? inGroup(
          'snoozed',
          // Where what is snoozed is left out anyway, it can only be asked for.
          (view.snoozed === false ? [true] : [true, false]).map((isSnoozed) => ({
            value: String(isSnoozed),
            label: isSnoozed ? fields.yes : fields.no,
            icon: <AppIcon name={isSnoozed ? 'snooze' : 'alarm'} />,
            isChosen: filter.snoozed === isSnoozed,
          })),
        )
      : []),
  ];
}

/** The filter with one option of the list switched: on, or off if it was on. */
export function toggleFilter(filter: TicketFilter, option: string): TicketFilter {
  const at = option.indexOf(':');
  const field = option.slice(0, at);
  const value = option.slice(at + 1);
  switch (field) {
    case 'status':
      return {
        ...filter,
        status: STATUSES.filter((status) => filter.status.includes(status) !== (status === value)),
      };
    case 'priority': {
      const priority = PRIORITIES.find((one) => one === value) ?? null;
      return { ...filter, priority: filter.priority === priority ? null : priority };
    }
    case 'workflow': {
      const workflow = WORKFLOW_STATES.find((one) => one === value) ?? null;
      return { ...filter, workflow: filter.workflow === workflow ? null : workflow };
    }
    case 'snoozed': {
      const snoozed = value === 'true';
      return { ...filter, snoozed: filter.snoozed === snoozed ? null : snoozed };
    }
    case 'assignee':
    case 'team':
    case 'requester':
    case 'tag':
      return { ...filter, [field]: filter[field] === value ? null : value };
    default:
      return filter;
  }
}
