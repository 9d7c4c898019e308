/**
 * One value out of some, or several: a button, and a list that narrows as one types.
 *
 * The keyboard never leaves the text field: arrows move the mark, Enter takes it, Escape goes back
 * to where the focus was.
 */
import { AppIcon, defineMessages, Popover, useFloatingFocus, useMessages } from '@flowbit/ui';
import { type ReactElement, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import classes from './picker.module.css';

const words = defineMessages({
  en: { nothing: 'Nothing fits', loading: 'Loading …', create: (text: string) => `Add “${text}”` },
  de: {
    nothing: 'Nichts passt',
    loading: 'Wird geladen …',
    create: (text: string) => `„${text}“ hinzufügen`,
  },
});

export interface PickerOption {
  value: string;
  label: string;
  icon?: ReactNode;
  /** A quiet word behind the label. */
  hint?: string;
  /** Heading; options of one group stand together. */
  group?: string;
  isChosen?: boolean;
}

export interface PickerProps {
  /** What is chosen here: `Status`. */
  label: string;
  options: readonly PickerOption[];
  onPick(value: string): void;
  /** The options are on their way: who presses Enter before they are here takes what they will show. */
  isLoading?: boolean;
  /** Why there are no options, if they could not be had. */
  problem?: string;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  /** The button. */
  target: ReactElement;
  /** Stays open for more than one choice. */
  isMultiple?: boolean;
  /** Lets a word that is not listed be added; returns it as it will be kept, null if it can't be. */
  onCreate?: (text: string) => void;
  width?: number;
  position?: 'bottom-start' | 'bottom-end' | 'left-start' | 'top-start';
  footer?: ReactNode;
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

function PickerList(props: PickerProps) {
  const { label, options, onPick, onOpenChange, isLoading, problem, isMultiple, onCreate, footer } = props;
  const text = useMessages(words);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState('');
  const wanted = fold(query.trim());
  const fitting = options.filter(({ label: name, group = '' }) => {
    const haystack = fold(`${group} ${name}`);
    return wanted.split(/\s+/).every((part) => haystack.includes(part));
  });
  const isNew = onCreate && wanted !== '' && !options.some(({ label: name }) => fold(name) === wanted);
  const total = fitting.length + (isNew ? 1 : 0);
  const [active, setActive] = useState(() =>
    Math.max(
      0,
      options.findIndex(({ isChosen }) => isChosen),
    ),
  );
  const current = Math.min(active, Math.max(0, total - 1));
  const [isEntered, setEntered] = useState(false);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when what Enter waited for is here
  useEffect(() => {
    if (!isEntered || isLoading) return;
    setEntered(false);
    take(current);
  }, [isEntered, isLoading]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the mark
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current, query]);

  function take(index: number) {
    const option = fitting[index];
    if (option) onPick(option.value);
    else if (isNew) onCreate(query.trim());
    else return;
    if (!isMultiple) onOpenChange(false);
    else if (query !== '') {
      setQuery('');
      setActive(0);
    }
  }

  function onKeyDown(event: React.KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && total > 0) {
      event.preventDefault();
      setActive((current + step + total) % total);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      if (isLoading) setEntered(true);
      else take(current);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onOpenChange(false);
    }
  }

  function renderOption(index: number, content: ReactNode, isChosen: boolean) {
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the keys
      <div
        id={`${id}-${index}`}
        role="option"
        tabIndex={-1}
        aria-selected={isChosen}
        aria-current={index === current}
        className={classes.option}
        onPointerMove={() => setActive(index)}
        onClick={() => take(index)}
      >
        {content}
        {isChosen && <AppIcon name="check" className={classes.check} />}
      </div>
    );
  }

  return (
    <>
      <input
        data-autofocus
        // A dialog around it stays: Escape closes this list alone.
        data-mantine-stop-propagation
        className={classes.input}
        role="combobox"
        aria-label={label}
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={total > 0 ? `${id}-${current}` : undefined}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setActive(0);
          setEntered(false);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        ref={list}
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        aria-multiselectable={isMultiple || undefined}
        className={classes.list}
      >
        {fitting.map((option, index) => (
          <div key={option.value} role="presentation">
            {option.group !== undefined && fitting[index - 1]?.group !== option.group && (
              <div className={classes.group} role="presentation">
                {option.group}
              </div>
            )}
            {renderOption(
              index,
              <>
                <span className={classes.icon} aria-hidden>
                  {option.icon}
                </span>
                <span className={classes.label}>{option.label}</span>
                {option.hint && <span className={classes.hint}>{option.hint}</span>}
              </>,
              option.isChosen === true,
            )}
          </div>
        ))}
        {isNew &&
          renderOption(
            fitting.length,
            <>
              <AppIcon name="plus" />
              <span className={classes.label}>{text.create(query.trim())}</span>
            </>,
            false,
          )}
      </div>
      <div role="status" className={classes.status}>
        {isLoading ? text.loading : total === 0 ? (problem ?? text.nothing) : ''}
      </div>
      {footer}
    </>
  );
}

export function Picker(props: PickerProps) {
  const { isOpen, onOpenChange, target, width = 240, position = 'bottom-start' } = props;
  const dropdown = useFloatingFocus(isOpen);
  return (
    <Popover
      opened={isOpen}
      onChange={onOpenChange}
      position={position}
      width={width}
      offset={4}
      trapFocus
      withinPortal
      closeOnEscape={false}
      radius="md"
    >
      <Popover.Target>{target}</Popover.Target>
      <Popover.Dropdown ref={dropdown} p={0} className={classes.dropdown}>
        {isOpen && <PickerList {...props} />}
      </Popover.Dropdown>
    </Popover>
  );
}
