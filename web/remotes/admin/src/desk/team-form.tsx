/** A team: its name, its members, its rule. */
import type { Team } from '@flowbit/api';
import { defineMessages, MultiSelect, Select, Stack, TextInput, useMessages } from '@flowbit/ui';
import { type FormEvent, useState } from 'react';
import { Dialog } from '../parts/dialog';
import { errorAt, FormError, FormFoot } from './form-parts';
import { useAssignees } from './queries';
import { assignmentWords } from './team-words';

const RULES: readonly Team['assignment'][] = ['manual', 'round_robin', 'by_load'];

const words = defineMessages({
  en: {
    add: 'New team',
    edit: 'Edit team',
    name: 'Name',
    members: 'Members',
    noneFound: 'Nobody found',
    rule: 'Tickets go to',
    ruleMeaning: 'Who is out of office is passed over.',
    create: 'Create team',
    save: 'Save',
  },
  de: {
    add: 'Neues Team',
    edit: 'Team bearbeiten',
    name: 'Name',
    members: 'Mitglieder',
    noneFound: 'Niemand gefunden',
    rule: 'Tickets gehen an',
    ruleMeaning: 'Wer abwesend ist, wird übergangen.',
    create: 'Team anlegen',
    save: 'Speichern',
  },
});

export interface TeamValues {
  name: string;
  assignment: Team['assignment'];
  memberIds: string[];
}

export interface TeamFormProps {
  /** The one to change; none for a new one. */
  team: Team | null;
  /** `version`: the team's that the values were made from; none for a new one. */
  onSubmit(values: TeamValues, version: number | undefined): Promise<unknown>;
  onClose(): void;
}

function Fields({ team, onSubmit, onClose }: TeamFormProps) {
  const text = useMessages(words);
  const rules = useMessages(assignmentWords);
  const people = useAssignees().data ?? team?.members ?? [];
  const [name, setName] = useState(team?.name ?? '');
  const [assignment, setAssignment] = useState<Team['assignment']>(team?.assignment ?? 'manual');
  const [memberIds, setMemberIds] = useState((team?.members ?? []).map(({ id }) => id));
  // What is saved is a change of what was shown when the form opened, whoever has saved another since.
  const [version] = useState(team?.version);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onSubmit({ name: name.trim(), assignment, memberIds }, version);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap={16}>
        <TextInput
          label={text.name}
          required
          data-autofocus
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errorAt(error, 'name')}
        />
        <MultiSelect
          label={text.members}
          searchable
          maxValues={200}
          nothingFoundMessage={text.noneFound}
          data={people.map(({ id, name: label }) => ({ value: id, label }))}
          value={memberIds}
          onChange={setMemberIds}
          error={errorAt(error, 'memberIds')}
        />
        <Select
          label={text.rule}
          description={text.ruleMeaning}
          data={RULES.map((value) => ({ value, label: rules[value] }))}
          allowDeselect={false}
          value={assignment}
          onChange={(value) => setAssignment(RULES.find((one) => one === value) ?? assignment)}
        />
        <FormError error={error} shown={['name', 'memberIds']} />
        <FormFoot save={team ? text.save : text.create} isBusy={isBusy} onCancel={onClose} />
      </Stack>
    </form>
  );
}

export function TeamForm(props: TeamFormProps) {
  const text = useMessages(words);
  return (
    <Dialog
      opened
      onClose={props.onClose}
      title={props.team ? text.edit : text.add}
      size={480}
      closeOnClickOutside={false}
    >
      <Fields {...props} />
    </Dialog>
  );
}
