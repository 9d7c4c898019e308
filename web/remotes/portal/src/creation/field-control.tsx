/** One of the company's own fields in the form of a new request. */
import type { Field } from '@flowbit/api';
import { Checkbox, defineMessages, Select, Textarea, TextInput, useMessages } from '@flowbit/ui';

const words = defineMessages({
  en: { yes: 'Yes', no: 'No', choose: 'Choose' },
  de: { yes: 'Ja', no: 'Nein', choose: 'Auswählen' },
});

export interface FieldControlProps {
  field: Field;
  typed: string | string[] | undefined;
  error: string | undefined;
  onChange(typed: string | string[]): void;
}

export function FieldControl({ field, typed, error, onChange }: FieldControlProps) {
  const text = useMessages(words);
  const { kind, label, options } = field;
  const isRequired = field.required === 'create';
  const common = { label, error, withAsterisk: isRequired, 'aria-required': isRequired } as const;
  const value = typeof typed === 'string' ? typed : '';
  if (kind === 'choices') {
    return (
      <Checkbox.Group
        label={label}
        error={error}
        withAsterisk={isRequired}
        value={Array.isArray(typed) ? typed : []}
        onChange={onChange}
      >
        {options.map((option) => (
          <Checkbox key={option} value={option} label={option} mt={8} />
        ))}
      </Checkbox.Group>
    );
  }
  if (kind === 'choice' || kind === 'boolean') {
    const data =
      kind === 'choice'
        ? options
        : [
            { value: 'true', label: text.yes },
            { value: 'false', label: text.no },
          ];
    return (
      <Select
        {...common}
        clearable={!isRequired}
        placeholder={text.choose}
        data={data}
        value={value === '' ? null : value}
        onChange={(next) => onChange(next ?? '')}
      />
    );
  }
  if (kind === 'text') {
    return (
      <Textarea
        {...common}
        autosize
        minRows={1}
        maxRows={6}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  return (
    <TextInput
      {...common}
      type={kind === 'date' ? 'date' : kind === 'url' ? 'url' : 'text'}
      inputMode={kind === 'number' ? 'decimal' : undefined}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
