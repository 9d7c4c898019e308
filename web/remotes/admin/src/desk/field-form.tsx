/** A custom field's definition. */
import type { Field } from '@flowbit/api';
import {
  Checkbox,
  defineMessages,
  Select,
  Stack,
  Switch,
  Textarea,
  TextInput,
  useMessages,
} from '@flowbit/ui';
import { type FormEvent, useState } from 'react';
import { Dialog } from '../parts/dialog';
import { fieldWords } from './field-words';
import { errorAt, FormError, FormFoot } from './form-parts';

const KINDS: readonly Field['kind'][] = ['text', 'number', 'choice', 'choices', 'date', 'boolean', 'url'];
const REQUIRED: readonly Field['required'][] = ['never', 'create', 'solve'];

const words = defineMessages({
  en: {
    add: 'Define a field',
    edit: 'Change field',
    label: 'Label',
    key: 'Key',
    keyMeaning: 'Its name for programs, such as orderNumber. It never changes.',
    kind: 'Kind',
    options: 'Choices',
    optionsMeaning: 'One a line.',
    required: 'Must have a value',
    shown: 'Requesters see it and may set it',
    active: 'In use',
    create: 'Define field',
    save: 'Save',
  },
  de: {
    add: 'Feld anlegen',
    edit: 'Feld ändern',
    label: 'Bezeichnung',
    key: 'Schlüssel',
    keyMeaning: 'Sein Name für Programme, etwa orderNumber. Er ändert sich nie.',
    kind: 'Art',
    options: 'Auswahl',
    optionsMeaning: 'Eine Möglichkeit je Zeile.',
    required: 'Muss einen Wert haben',
    shown: 'Anfragende sehen es und dürfen es setzen',
    active: 'In Gebrauch',
    create: 'Feld anlegen',
    save: 'Speichern',
  },
});

export type FieldValues = Pick<
  Field,
  'key' | 'label' | 'kind' | 'options' | 'required' | 'shownToRequesters' | 'active'
>;

export interface FieldFormProps {
  /** The one to change; none for a new one. */
  field: Field | null;
  /** `version`: the field's that the values were made from; none for a new one. */
  onSubmit(values: FieldValues, version: number | undefined): Promise<unknown>;
  onClose(): void;
}

const NEW: FieldValues = {
  key: '',
  label: '',
  kind: 'text',
  options: [],
  required: 'never',
  shownToRequesters: true,
  active: true,
};

function Fields({ field, onSubmit, onClose }: FieldFormProps) {
  const text = useMessages(words);
  const kinds = useMessages(fieldWords);
  const [values, setValues] = useState<FieldValues>(field ?? NEW);
  const [options, setOptions] = useState((field?.options ?? []).join('\n'));
  // What is saved is a change of what was shown when the form opened, whoever has saved another since.
  const [version] = useState(field?.version);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const change = (next: Partial<FieldValues>) => setValues({ ...values, ...next });
  const hasOptions = values.kind === 'choice' || values.kind === 'choices';

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const { key, label, kind, required, shownToRequesters, active } = values;
    const lines = options.split('\n').filter((line) => line.trim() !== '');
    try {
      const input = { key: key.trim(), label: label.trim(), kind, required, shownToRequesters, active };
      await onSubmit({ ...input, options: hasOptions ? lines : [] }, version);
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap={16}>
        <TextInput
          label={text.label}
          required
          data-autofocus
          maxLength={80}
          value={values.label}
          onChange={(event) => change({ label: event.currentTarget.value })}
          error={errorAt(error, 'label')}
        />
        {field === null && (
          <>
            <TextInput
              label={text.key}
              description={text.keyMeaning}
              required
              maxLength={40}
              value={values.key}
              onChange={(event) => change({ key: event.currentTarget.value })}
              error={errorAt(error, 'key')}
            />
            <Select
              label={text.kind}
              data={KINDS.map((value) => ({ value, label: kinds[value] }))}
              allowDeselect={false}
              value={values.kind}
              onChange={(value) => change({ kind: KINDS.find((one) => one === value) ?? values.kind })}
            />
          </>
        )}
        {hasOptions && (
          <Textarea
            label={text.options}
            description={text.optionsMeaning}
            required
            autosize
            minRows={3}
            maxRows={10}
            value={options}
            onChange={(event) => setOptions(event.currentTarget.value)}
            error={errorAt(error, 'options')}
          />
        )}
        <Select
          label={text.required}
          data={REQUIRED.map((value) => ({ value, label: kinds[value] }))}
          allowDeselect={false}
          value={values.required}
          onChange={(value) => change({ required: REQUIRED.find((one) => one === value) ?? values.required })}
        />
        <Checkbox
          label={text.shown}
          checked={values.shownToRequesters}
          onChange={(event) => change({ shownToRequesters: event.currentTarget.checked })}
        />
        {field && (
          <Switch
            label={text.active}
            checked={values.active}
            onChange={(event) => change({ active: event.currentTarget.checked })}
          />
        )}
        <FormError error={error} shown={['label', 'key', 'options']} />
        <FormFoot save={field ? text.save : text.create} isBusy={isBusy} onCancel={onClose} />
      </Stack>
    </form>
  );
}

export function FieldForm(props: FieldFormProps) {
  const text = useMessages(words);
  return (
    <Dialog
      opened
      onClose={props.onClose}
      title={props.field ? text.edit : text.add}
      size={480}
      closeOnClickOutside={false}
    >
      <Fields {...props} />
    </Dialog>
  );
}
