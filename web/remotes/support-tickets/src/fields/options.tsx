/** What can be chosen for each field, with the looks it has elsewhere. */
import type { Assignee, Team, TicketPriority, TicketStatus } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { AppIcon, PriorityBars, StatusBadge, stateWords, useMessages } from '@flowbit/ui';
import { PRIORITIES, STATUSES } from '../model/ticket-filter';
import { isAway } from './away';
import { Initials } from './initials';
import type { PickerOption } from './picker';
import { fieldWords } from './words';

export function useStatusOptions(chosen: readonly TicketStatus[]): PickerOption[] {
  const states = useMessages(stateWords);
  return STATUSES.map((status) => ({
    value: status,
    label: states[status],
    icon: <StatusBadge status={status} variant="icon" />,
    isChosen: chosen.includes(status),
  }));
}

export function usePriorityOptions(chosen: TicketPriority | null): PickerOption[] {
  const states = useMessages(stateWords);
  return PRIORITIES.map((priority) => ({
    value: priority,
    label: states[priority],
    icon: <PriorityBars priority={priority} />,
    isChosen: chosen === priority,
  }));
}

/** The value that stands for no assignee. */
export const NOBODY = 'none';

/** Oneself first, then nobody, then the others by name. */
export function useAssigneeOptions(
  assignees: readonly Assignee[] | undefined,
  chosen: string | null,
): PickerOption[] {
  const fields = useMessages(fieldWords);
  const states = useMessages(stateWords);
  const { user, locale } = useScreen();
  const others = (assignees ?? [])
    .filter(({ id }) => id !== user.id)
    .toSorted((a, b) => a.name.localeCompare(b.name, locale));
  const me = assignees?.find(({ id }) => id === user.id);
  return [
    ...(me
      ? [
          {
            value: me.id,
            label: fields.meNamed(me.name),
            icon: <Initials name={me.name} />,
            ...(isAway(me.outOfOffice) ? { hint: fields.outOfOffice } : {}),
            isChosen: chosen === me.id,
          },
        ]
      : []),
    {
      value: NOBODY,
      label: fields.nobody,
      icon: <AppIcon name="user-off" size={16} />,
      isChosen: chosen === NOBODY,
    },
    ...others.map(({ id, name, role, outOfOffice }) => ({
      value: id,
      label: name,
      icon: <Initials name={name} />,
      ...(isAway(outOfOffice)
        ? { hint: fields.outOfOffice }
        : role === 'admin'
          ? { hint: states.admin }
          : {}),
      isChosen: chosen === id,
    })),
  ];
}

/** No team first, then the teams by name. */
export function useTeamOptions(teams: readonly Team[] | undefined, chosen: string | null): PickerOption[] {
  const fields = useMessages(fieldWords);
  return [
    {
      value: NOBODY,
      label: fields.noTeam,
      icon: <AppIcon name="user-off" size={16} />,
      isChosen: chosen === NOBODY,
    },
    ...(teams ?? []).map(({ id, name }) => ({
      value: id,
      label: name,
      icon: <AppIcon name="users" size={16} />,
      isChosen: chosen === id,
    })),
  ];
}

export function useTagOptions(known: readonly string[], chosen: readonly string[]): PickerOption[] {
  const { locale } = useScreen();
  return [...new Set([...chosen, ...known.toSorted((a, b) => a.localeCompare(b, locale))])].map((tag) => ({
    value: tag,
    label: tag,
    icon: <AppIcon name="tag" />,
    isChosen: chosen.includes(tag),
  }));
}
