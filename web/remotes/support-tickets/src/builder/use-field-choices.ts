/** The builder's names of fields, and what there is to choose for those with few values. */
import { useScreen } from '@flowbit/contract';
import { defineMessages, stateWords, useMessages } from '@flowbit/ui';
import { fieldWords } from '../fields/words';
import { useAssignees, useTeams } from '../model/queries';
import { PRIORITIES, STATUSES, WORKFLOW_STATES } from '../model/ticket-filter';
import type { ChoiceField, Field } from './filter-draft';

const words = defineMessages({
  en: {
    mentioned: 'Mentions',
    customField: 'Own field',
    text: 'Words',
    createdAt: 'Raised',
    updatedAt: 'Changed',
    resolvedAt: 'Resolved',
  },
  de: {
    mentioned: 'Erwähnt',
    customField: 'Eigenes Feld',
    text: 'Wörter',
    createdAt: 'Gestellt',
    updatedAt: 'Geändert',
    resolvedAt: 'Gelöst',
  },
});

export interface Choice {
  value: string;
  label: string;
}

export function useFieldChoices(): {
  names: Record<Field, string>;
  of(field: ChoiceField): Choice[];
} {
  const fields = useMessages(fieldWords);
  const states = useMessages(stateWords);
  const own = useMessages(words);
  const { user } = useScreen();
  const people = (useAssignees().data ?? []).filter(({ id }) => id !== user.id);
  const teams = (useTeams().data ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const named = (values: readonly (keyof typeof states)[]) =>
    values.map((value) => ({ value, label: String(states[value]) }));
  const persons = [
    { value: 'me', label: fields.me },
    ...people.map(({ id, name }) => ({ value: id, label: name })),
  ];
  return {
    names: { ...fields, ...own },
    of: (field) => {
      if (field === 'status') return named(STATUSES);
      if (field === 'priority') return named(PRIORITIES);
      if (field === 'workflow') return named(WORKFLOW_STATES);
      if (field === 'snoozed') {
        return [
          { value: 'true', label: fields.yes },
          { value: 'false', label: fields.no },
        ];
      }
      if (field === 'requester' || field === 'mentioned') return persons;
      if (field === 'team') {
        return [{ value: 'mine', label: fields.myTeams }, { value: 'none', label: fields.noTeam }, ...teams];
      }
      return [{ value: 'none', label: fields.nobody }, ...persons];
    },
  };
}
