/** `Ctrl/⌘ K`: screens, commands, and what the screens find. */
import type { Customer, Screen, SessionUser } from '@flowbit/api';
import { AppIcon, defineMessages, KeyHint, Modal, useMessages } from '@flowbit/ui';
import { useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useServices } from '../app/services';
import { focusMainIfLost } from '../layout/keep-focus';
import { basePathOf } from '../routing/resolve';
import { filterEntries, groupEntries, type PaletteEntry } from './filter-entries';
import { HitExcerpt } from './hit-excerpt';
import classes from './palette.module.css';
import { useScreenSearch } from './use-screen-search';

const words = defineMessages({
  en: {
    title: 'Search or run a command',
    placeholder: 'Search or type a command',
    screens: 'Go to',
    nothing: 'Nothing found. Try fewer or other words.',
    searching: 'Searching',
  },
  de: {
    title: 'Suchen oder einen Befehl ausführen',
    placeholder: 'Suchen oder Befehl eingeben',
    screens: 'Gehe zu',
    nothing: 'Nichts gefunden. Versuchen Sie weniger oder andere Wörter.',
    searching: 'Sucht',
  },
});

interface PaletteProps {
  opened: boolean;
  initialQuery: string;
  onClose(): void;
  screens: readonly Screen[];
  user: SessionUser;
  customer: Customer;
}

function PaletteBody({ initialQuery, onClose, screens, user, customer }: PaletteProps) {
  const text = useMessages(words);
  const { router, commands } = useServices();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState(initialQuery);
  const [active, setActive] = useState(0);
  const offered = useSyncExternalStore(commands.subscribe, commands.getSnapshot);
  const found = useScreenSearch({ query, screens, user, customer });

  const entries = useMemo(() => {
    const goTo = screens.map(
      (screen): PaletteEntry => ({
        id: `screen:${screen.id}`,
        group: text.screens,
        label: screen.title,
        icon: screen.icon,
        run: () => router.navigate(basePathOf(screen)),
      }),
    );
    const run = [...found.commands, ...offered].map(
      (command): PaletteEntry => ({ ...command, id: `${command.group}:${command.id}` }),
    );
    return groupEntries([...filterEntries([...run, ...goTo], query), ...found.hits]);
  }, [screens, offered, found.commands, found.hits, query, router, text.screens]);

  const current = Math.min(active, Math.max(0, entries.length - 1));
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the active entry
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  function choose(entry: PaletteEntry | undefined) {
    if (!entry) return;
    onClose();
    entry.run();
  }

  function onKeyDown(event: React.KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && entries.length > 0) {
      event.preventDefault();
      setActive((current + step + entries.length) % entries.length);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      choose(entries[current]);
    }
  }

  return (
    <>
      <div className={classes.field}>
        <AppIcon name="search" className={classes.fieldIcon} />
        <input
          data-autofocus
          className={classes.input}
          role="combobox"
          aria-label={text.title}
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={entries.length > 0 ? `${id}-${current}` : undefined}
          placeholder={text.placeholder}
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <KeyHint keys="Escape" />
      </div>
      <div ref={list} id={`${id}-list`} role="listbox" aria-label={text.title} className={classes.list}>
        {entries.map((entry, index) => (
          <div key={entry.id} role="presentation">
            {entries[index - 1]?.group !== entry.group && (
              <div className={classes.group} role="presentation">
                {entry.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the keys */}
            <div
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === current}
              aria-describedby={entry.excerpt ? `${id}-${index}-excerpt` : undefined}
              className={classes.option}
              onPointerMove={() => setActive(index)}
              onClick={() => choose(entry)}
            >
              <AppIcon name={entry.icon ?? 'chevron-right'} className={classes.icon} />
              <span className={classes.label}>{entry.label}</span>
              {entry.detail && <span className={classes.detail}>{entry.detail}</span>}
              {entry.keys && <KeyHint keys={entry.keys} />}
              {entry.excerpt && (
                // It describes the option and is no part of its name.
                <span id={`${id}-${index}-excerpt`} className={classes.excerpt} aria-hidden>
                  <HitExcerpt id={entry.id} excerpt={entry.excerpt} />
                </span>
              )}
            </div>
          </div>
        ))}
      </div>
      <div role="status" className={classes.status}>
        {found.isSearching ? text.searching : entries.length === 0 ? text.nothing : ''}
      </div>
    </>
  );
}

export function Palette(props: PaletteProps) {
  return (
    <Modal.Root
      opened={props.opened}
      onClose={props.onClose}
      // Where it was opened from may be gone by then.
      onExitTransitionEnd={focusMainIfLost}
      padding={0}
      size={600}
      yOffset="12vh"
    >
      <Modal.Overlay backgroundOpacity={0.4} />
      <Modal.Content aria-label={useMessages(words).title}>
        <Modal.Body>
          <PaletteBody {...props} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
