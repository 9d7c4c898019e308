/** A list to choose one from, narrowed by typing; arrows and Enter choose. */
import { AppIcon, type IconName, TextInput } from '@flowbit/ui';
import { type KeyboardEvent, useId, useState } from 'react';
import classes from './choice-list.module.css';

export interface Choice {
  value: string;
  label: string;
  detail?: string;
  icon?: IconName;
  /** Heading above the first of its group. */
  group?: string;
}

export interface ChoiceListProps {
  label: string;
  choices: readonly Choice[];
  selected: string | null;
  onChoose(value: string): void;
  /** Said when there is nothing to choose. */
  nothing: string;
  /** Given when typing asks the server; otherwise the choices are narrowed here. */
  onSearch?: (query: string) => void;
}

/** Those whose label, detail or value hold each word typed. */
export function narrow(choices: readonly Choice[], query: string): Choice[] {
  const parts = query.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter((choice) => {
    const haystack = `${choice.label} ${choice.detail ?? ''} ${choice.value}`.toLowerCase();
    return parts.every((part) => haystack.includes(part));
  });
}

export function ChoiceList({ label, choices, selected, onChoose, nothing, onSearch }: ChoiceListProps) {
  const id = useId();
  const [query, setQuery] = useState('');
  const shown = onSearch ? choices : narrow(choices, query);
  const [active, setActive] = useState(() =>
    Math.max(
      0,
      choices.findIndex((choice) => choice.value === selected),
    ),
  );
  const current = Math.min(active, Math.max(0, shown.length - 1));

  function move(index: number) {
    setActive(index);
    document.getElementById(`${id}-${index}`)?.scrollIntoView({ block: 'nearest' });
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && shown.length > 0) {
      event.preventDefault();
      move((current + step + shown.length) % shown.length);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      const choice = shown[current];
      if (choice) onChoose(choice.value);
    }
  }

  return (
    <>
      <div className={classes.field}>
        <TextInput
          data-autofocus
          role="combobox"
          aria-label={label}
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={shown.length > 0 ? `${id}-${current}` : undefined}
          placeholder={label}
          autoComplete="off"
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
            onSearch?.(event.currentTarget.value);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={label} className={classes.list}>
        {shown.map((choice, index) => (
          <div key={choice.value} role="presentation">
            {choice.group !== undefined && shown[index - 1]?.group !== choice.group && (
              <div className={classes.group} role="presentation">
                {choice.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys */}
            <div
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={choice.value === selected}
              data-active={index === current || undefined}
              className={classes.option}
              onPointerMove={() => setActive(index)}
              onClick={() => onChoose(choice.value)}
            >
              {choice.icon && <AppIcon name={choice.icon} />}
              <span className={classes.label}>{choice.label}</span>
              {choice.detail && <span className={classes.detail}>{choice.detail}</span>}
              {choice.value === selected && <AppIcon name="check" />}
            </div>
          </div>
        ))}
        {shown.length === 0 && (
          <div className={classes.note} role="status">
            {nothing}
          </div>
        )}
      </div>
    </>
  );
}
