/** A macro: what it says, and what it does. */
import type { CreateMacro, Macro, MacroActions, TicketPriority, TicketStatus } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  Checkbox,
  defineMessages,
  Input,
  SegmentedControl,
  Select,
  Stack,
  stateWords,
  TagsInput,
  Textarea,
  TextInput,
  useMessages,
} from '@flowbit/ui';
import { type FormEvent, useState } from 'react';
import { Dialog } from '../parts/dialog';
import classes from './desk.module.css';
import { errorAt, FormError, FormFoot } from './form-parts';
import { useAssignees, useTags, useTeams } from './queries';

const STATUSES: readonly TicketStatus[] = ['open', 'in_progress', 'waiting', 'resolved', 'closed'];
const PRIORITIES: readonly TicketPriority[] = ['low', 'normal', 'high', 'urgent'];
/** As the server fills them in. */
const PLACEHOLDERS = [
  '{{requester.name}}',
  '{{requester.firstName}}',
  '{{ticket.number}}',
  '{{ticket.title}}',
  '{{agent.name}}',
  '{{agent.firstName}}',
];
const NOTHING: MacroActions = {
  status: null,
  priority: null,
  addTags: [],
  removeTags: [],
  assignee: null,
  teamId: null,
};

const words = defineMessages({
  en: {
    add: 'New macro',
    edit: 'Edit macro',
    name: 'Name',
    kind: 'Answers as',
    reply: 'Reply',
    note: 'Internal note',
    body: 'Text',
    bodyMeaning: `Filled in when it is used: ${PLACEHOLDERS.join(' ')}`,
    bodyNeeded: 'Write a text, or choose what else it does.',
    shared: 'For everyone who works on tickets',
    actions: 'What else it does',
    status: 'Set status',
    priority: 'Set priority',
    assignee: 'Assign to',
    team: 'Give to the team',
    stays: 'Stays as it is',
    me: 'Whoever uses it',
    nobody: 'Nobody',
    addTags: 'Add tags',
    removeTags: 'Remove tags',
    create: 'Create macro',
    save: 'Save',
  },
  de: {
    add: 'Neues Makro',
    edit: 'Makro bearbeiten',
    name: 'Name',
    kind: 'Antwortet als',
    reply: 'Antwort',
    note: 'Interne Notiz',
    body: 'Text',
    bodyMeaning: `Wird beim Verwenden ausgefüllt: ${PLACEHOLDERS.join(' ')}`,
    bodyNeeded: 'Schreiben Sie einen Text, oder wählen Sie, was es sonst tut.',
    shared: 'Für alle, die Tickets bearbeiten',
    actions: 'Was es sonst tut',
    status: 'Status setzen',
    priority: 'Priorität setzen',
    assignee: 'Zuweisen',
    team: 'An das Team geben',
    stays: 'Bleibt, wie es ist',
    me: 'Wer es verwendet',
    nobody: 'Niemandem',
    addTags: 'Schlagwörter hinzufügen',
    removeTags: 'Schlagwörter entfernen',
    create: 'Makro anlegen',
    save: 'Speichern',
  },
});

export interface MacroFormProps {
  /** The one to change; none for a new one. */
  macro: Macro | null;
  /** `version`: the macro's that the values were made from; none for a new one. */
  onSubmit(values: CreateMacro, version: number | undefined): Promise<unknown>;
  onClose(): void;
}

function Fields({ macro, onSubmit, onClose }: MacroFormProps) {
  const text = useMessages(words);
  const states = useMessages(stateWords);
  const { can } = useScreen();
  const assignees = useAssignees().data ?? [];
  const teams = useTeams().data ?? [];
  const known = (useTags().data ?? []).map(({ name }) => name);
  const [name, setName] = useState(macro?.name ?? '');
  const [body, setBody] = useState(macro?.body ?? '');
  const [internal, setInternal] = useState(macro?.internal ?? false);
  const [shared, setShared] = useState(macro?.shared ?? can('admin'));
  const [actions, setActions] = useState<MacroActions>(macro?.actions ?? NOTHING);
  // What is saved is a change of what was shown when the form opened, whoever has saved another since.
  const [version] = useState(macro?.version);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const change = (next: Partial<MacroActions>) => setActions({ ...actions, ...next });

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await onSubmit({ name: name.trim(), body, internal, shared, actions }, version);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  }

  const bodyError = errorAt(error, 'body');
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
        <Input.Wrapper label={text.kind} labelElement="div">
          <SegmentedControl
            aria-label={text.kind}
            value={internal ? 'note' : 'reply'}
            onChange={(value) => setInternal(value === 'note')}
            data={[
              { value: 'reply', label: text.reply },
              { value: 'note', label: text.note },
            ]}
          />
        </Input.Wrapper>
        <Textarea
          label={text.body}
          description={text.bodyMeaning}
          autosize
          minRows={4}
          maxRows={12}
          value={body}
          onChange={(event) => setBody(event.currentTarget.value)}
          error={bodyError?.startsWith('must not be empty') ? text.bodyNeeded : bodyError}
        />
        <fieldset className={classes.group}>
          <legend>{text.actions}</legend>
          <div className={classes.pair}>
            <Select
              label={text.status}
              clearable
              placeholder={text.stays}
              data={STATUSES.map((value) => ({ value, label: states[value] }))}
              value={actions.status}
              onChange={(value) => change({ status: STATUSES.find((one) => one === value) ?? null })}
            />
            <Select
              label={text.priority}
              clearable
              placeholder={text.stays}
              data={PRIORITIES.map((value) => ({ value, label: states[value] }))}
              value={actions.priority}
              onChange={(value) => change({ priority: PRIORITIES.find((one) => one === value) ?? null })}
            />
          </div>
          <Select
            label={text.assignee}
            clearable
            placeholder={text.stays}
            data={[
              { value: 'me', label: text.me },
              { value: 'nobody', label: text.nobody },
              ...assignees.map(({ id, name: label }) => ({ value: id, label })),
            ]}
            value={actions.assignee}
            onChange={(assignee) => change({ assignee })}
            error={errorAt(error, 'actions.assignee')}
          />
          {teams.length > 0 && (
            <Select
              label={text.team}
              clearable
              placeholder={text.stays}
              data={teams.map(({ id, name: label }) => ({ value: id, label }))}
              value={actions.teamId}
              onChange={(teamId) => change({ teamId })}
              error={errorAt(error, 'actions.teamId')}
            />
          )}
          <TagsInput
            label={text.addTags}
            data={known}
            maxTags={20}
            value={actions.addTags}
            onChange={(addTags) => change({ addTags })}
            error={errorAt(error, 'actions.addTags')}
          />
          <TagsInput
            label={text.removeTags}
            data={known}
            maxTags={20}
            value={actions.removeTags}
            onChange={(removeTags) => change({ removeTags })}
            error={errorAt(error, 'actions.removeTags')}
          />
        </fieldset>
        {macro === null && can('admin') && (
          <Checkbox
            label={text.shared}
            checked={shared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
        )}
        <FormError error={error} shown={['name', 'body', 'actions']} />
        <FormFoot save={macro ? text.save : text.create} isBusy={isBusy} onCancel={onClose} />
      </Stack>
    </form>
  );
}

export function MacroForm(props: MacroFormProps) {
  const text = useMessages(words);
  return (
    <Dialog
      opened
      onClose={props.onClose}
      title={props.macro ? text.edit : text.add}
      size={560}
      closeOnClickOutside={false}
    >
      <Fields {...props} />
    </Dialog>
  );
}
