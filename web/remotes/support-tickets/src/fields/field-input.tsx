/** The value of one custom field: the input that fits its kind. */
import type { Field, Json } from '@flowbit/api';
import { Checkbox, defineMessages, NumberInput, Select, Textarea, TextInput, useMessages } from '@flowbit/ui';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { readValue } from './field-value';

const words = defineMessages({
  en: { yes: 'Yes', no: 'No', none: 'None' },
  de: { yes: 'Ja', no: 'Nein', none: 'Keine Angabe' },
});

export interface FieldInputProps {
  field: Field;
  /** Null or absent: none. */
  value: Json | undefined;
  error?: string | undefined;
  isRequired?: boolean;
  /** Texts and numbers when they are left, the others at once. */
  onChange(value: Json): void;
}

/** What is typed is kept apart until the input is left. */
function TypedInput({ field, value, error, isRequired, onChange }: FieldInputProps) {
  const known = value === null || value === undefined ? '' : String(value);
  const [typed, setTyped] = useState(known);
  // A value that came from elsewhere takes the place of what was not touched.
  useEffect(() => setTyped(known), [known]);
  const common = {
    label: field.label,
    size: 'xs',
    error,
    withAsterisk: isRequired ?? false,
    'aria-required': isRequired,
  } as const;
  const commit = () => {
    if (typed !== known) onChange(readValue(field.kind, typed));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.nativeEvent.isComposing && field.kind !== 'text') {
      event.preventDefault();
      commit();
    }
  };
  if (field.kind === 'number') {
    return (
      <NumberInput
        {...common}
        hideControls
        value={typed}
        onChange={(next) => setTyped(String(next))}
        onBlur={commit}
        onKeyDown={onKeyDown}
      />
    );
  }
  if (field.kind === 'text') {
    return (
      <Textarea
        {...common}
        autosize
        minRows={1}
        maxRows={6}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={commit}
      />
    );
  }
  return (
    <TextInput
      {...common}
      type={field.kind === 'date' ? 'date' : 'url'}
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={onKeyDown}
    />
  );
}

export function FieldInput(props: FieldInputProps) {
  const { field, value, error, isRequired = false, onChange } = props;
  const text = useMessages(words);
  switch (field.kind) {
    case 'choice':
    case 'boolean': {
      const data =
        field.kind === 'boolean'
          ? [
              { value: 'true', label: text.yes },
              { value: 'false', label: text.no },
            ]
          : field.options;
      return (
        <Select
          label={field.label}
          size="xs"
          clearable={!isRequired}
          placeholder={text.none}
          withAsterisk={isRequired}
          aria-required={isRequired}
          data={data}
          value={value === null || value === undefined ? null : String(value)}
          error={error}
          onChange={(next) =>
            onChange(next === null ? null : field.kind === 'boolean' ? next === 'true' : next)
          }
        />
      );
    }
    case 'choices': {
      const chosen = Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
      return (
        <Checkbox.Group
          label={field.label}
          size="xs"
          withAsterisk={isRequired}
          value={chosen}
          error={error}
          onChange={(next) => onChange(next.length === 0 ? null : next)}
        >
          {field.options.map((option) => (
            <Checkbox key={option} value={option} label={option} size="xs" mt={6} />
          ))}
        </Checkbox.Group>
      );
    }
    default:
      return <TypedInput {...props} />;
  }
}
