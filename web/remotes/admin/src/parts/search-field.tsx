/** The search field of a list; `/` leads to it, Escape empties it. */
import { AppIcon, defineMessages, KeyHint, TextInput, useHotkeys, useMessages } from '@flowbit/ui';
import { useRef } from 'react';

const words = defineMessages({
  en: { group: 'List', search: 'Search' },
  de: { group: 'Liste', search: 'Suchen' },
});

export interface SearchFieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
}

export function SearchField({ label, value, onChange }: SearchFieldProps) {
  const text = useMessages(words);
  const field = useRef<HTMLInputElement>(null);
  useHotkeys([{ keys: '/', label: text.search, group: text.group, run: () => field.current?.focus() }]);
  return (
    <TextInput
      ref={field}
      type="search"
      aria-label={label}
      placeholder={label}
      w={320}
      maw="100%"
      leftSection={<AppIcon name="search" />}
      rightSection={value === '' ? <KeyHint keys="/" /> : null}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        if (value === '') field.current?.blur();
        else onChange('');
      }}
    />
  );
}
