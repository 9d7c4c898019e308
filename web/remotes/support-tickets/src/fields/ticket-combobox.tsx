/**
 * Choosing one ticket out of all: the server looks for what is typed, and offers some before anything is.
 *
 * The keyboard never leaves the text field, as in the picker.
 */
import type { Ticket } from '@flowbit/api';
import {
  AppIcon,
  Button,
  defineMessages,
  describeError,
  StatusBadge,
  stateWords,
  TextInput,
  useDebouncedValue,
  useMessages,
} from '@flowbit/ui';
import { type Ref, useEffect, useId, useRef, useState } from 'react';
import classes from './picker.module.css';
import { useTicketSearch } from './ticket-search';

const words = defineMessages({
  en: {
    placeholder: '#number or words',
    loading: 'Loading …',
    nothing: 'Nothing fits',
    retry: 'Try again',
  },
  de: {
    placeholder: '#Nummer oder Wörter',
    loading: 'Wird geladen …',
    nothing: 'Nichts passt',
    retry: 'Noch einmal',
  },
});

/** So long nobody types before the server is asked. */
const PAUSE_MS = 150;

export interface TicketComboboxProps {
  label: string;
  /** Only tickets of this person. */
  requesterId?: string;
  /** Whether it can be chosen. */
  accepts(ticket: Ticket): boolean;
  /** What to say where there is nothing to choose from, before anything is typed. */
  none: string;
  onPick(ticket: Ticket): void;
  inputRef?: Ref<HTMLInputElement>;
}

export function TicketCombobox(props: TicketComboboxProps) {
  const { label, requesterId, accepts, none, onPick, inputRef } = props;
  const text = useMessages(words);
  const states = useMessages(stateWords);
  const describe = useMessages(describeError);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState('');
  const [asked] = useDebouncedValue(typed, PAUSE_MS);
  const search = useTicketSearch(asked, requesterId);
  const found = (search.data ?? []).filter(accepts);
  const [active, setActive] = useState(0);
  const current = Math.min(active, Math.max(0, found.length - 1));
  const isComing = asked !== typed || search.isPending || search.isPlaceholderData;
  /** Enter came before what was typed was found: it takes what there will be. */
  const [isEntered, setEntered] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when what Enter waited for is here
  useEffect(() => {
    if (!isEntered || isComing) return;
    setEntered(false);
    take(current);
  }, [isEntered, isComing]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the mark
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current, asked]);

  function take(index: number) {
    const ticket = found[index];
    if (ticket) onPick(ticket);
  }

  function onKeyDown(event: React.KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setActive((current + step + found.length) % found.length);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      if (isComing) setEntered(true);
      else take(current);
    }
  }

  function renderState() {
    if (search.isError && search.data === undefined) {
      return (
        <>
          {describe(search.error, { isReading: true }).title}.{' '}
          <Button size="compact-sm" variant="subtle" onClick={() => void search.refetch()}>
            {text.retry}
          </Button>
        </>
      );
    }
    if (found.length > 0) return isEntered ? text.loading : '';
    if (isComing) return text.loading;
    return typed.trim() === '' ? none : text.nothing;
  }

  return (
    <div>
      <TextInput
        {...(inputRef ? { ref: inputRef } : {})}
        data-autofocus
        role="combobox"
        label={label}
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${current}` : undefined}
        placeholder={text.placeholder}
        leftSection={<AppIcon name="search" />}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
          setEntered(false);
        }}
        onKeyDown={onKeyDown}
      />
      <div ref={list} id={`${id}-list`} role="listbox" aria-label={label} className={classes.list}>
        {found.map(({ id: ticketId, number, title, status }, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the keys
          <div
            key={ticketId}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={false}
            aria-current={index === current}
            className={classes.option}
            onPointerMove={() => setActive(index)}
            onClick={() => take(index)}
          >
            <span className={classes.icon} aria-hidden>
              <StatusBadge status={status} variant="icon" />
            </span>
            <span className={classes.label}>
              #{number} {title}
            </span>
            <span className={classes.hint}>{states[status]}</span>
          </div>
        ))}
      </div>
      <div role="status" className={classes.status}>
        {renderState()}
      </div>
    </div>
  );
}
