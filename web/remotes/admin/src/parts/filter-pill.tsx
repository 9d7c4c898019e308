/** A filter as one pill: dashed while it doesn't restrict, with its value and a way off while it does. */
import { AppIcon, defineMessages, Popover, UnstyledButton, useFloatingFocus, useMessages } from '@flowbit/ui';
import { type ReactNode, useState } from 'react';
import classes from './filter-pill.module.css';

const words = defineMessages({
  en: { clear: (name: string) => `Remove filter: ${name}` },
  de: { clear: (name: string) => `Filter entfernen: ${name}` },
});

export interface FilterPillProps {
  name: string;
  /** What it is set to, in words; null when it does not restrict. */
  value: string | null;
  onClear(): void;
  /** What to choose from; gets the way to close. */
  children: (close: () => void) => ReactNode;
  width?: number;
}

export function FilterPill({ name, value, onClear, children, width = 280 }: FilterPillProps) {
  const text = useMessages(words);
  const [opened, setOpened] = useState(false);
  const close = () => setOpened(false);
  const dropdown = useFloatingFocus(opened);
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-start"
      width={width}
      trapFocus
      withinPortal
    >
      <span className={classes.root} data-set={value !== null || undefined}>
        <Popover.Target>
          <UnstyledButton className={classes.open} onClick={() => setOpened(!opened)} aria-expanded={opened}>
            {value === null && <AppIcon name="plus" size={14} />}
            {name}
            {value !== null && <span className={classes.value}>{value}</span>}
          </UnstyledButton>
        </Popover.Target>
        {value !== null && (
          <UnstyledButton className={classes.clear} onClick={onClear} aria-label={text.clear(name)}>
            <AppIcon name="x" size={14} />
          </UnstyledButton>
        )}
      </span>
      <Popover.Dropdown ref={dropdown} p={0}>
        {children(close)}
      </Popover.Dropdown>
    </Popover>
  );
}

/** The pills of a screen in a row that wraps. */
export function FilterBar({ label, children }: { label: string; children: ReactNode }) {
  return (
    <search className={classes.bar} aria-label={label}>
      {children}
    </search>
  );
}
