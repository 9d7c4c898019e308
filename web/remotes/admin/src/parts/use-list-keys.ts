/** `j`, `k` and arrows move through a list; with something open they open the next one beside it. */
import { defineMessages, useHotkeys, useMessages } from '@flowbit/ui';
import type { RefObject } from 'react';
import { flushSync } from 'react-dom';

const words = defineMessages({
  en: { group: 'List', next: 'Next', previous: 'Previous', close: 'Close what is open' },
  de: { group: 'Liste', next: 'Weiter', previous: 'Zurück', close: 'Geöffnetes schließen' },
});

const ROW_BUTTONS = 'tr[data-opens] > td:first-child > button, button[data-row]';

/** The index to go to, kept within the list; the first row when none is current. */
export function stepWithin(length: number, current: number, step: 1 | -1): number {
  if (length === 0) return -1;
  if (current < 0) return 0;
  return Math.min(length - 1, Math.max(0, current + step));
}

export interface ListKeys<Row> {
  root: RefObject<HTMLElement | null>;
  rows: readonly Row[] | undefined;
  rowKey(row: Row): string;
  selectedKey: string | null;
  onOpen(row: Row): void;
  onClose?: (() => void) | undefined;
}

export function useListKeys<Row>({ root, rows = [], rowKey, selectedKey, onOpen, onClose }: ListKeys<Row>) {
  const text = useMessages(words);

  function buttons(): HTMLElement[] {
    return [...(root.current?.querySelectorAll<HTMLElement>(ROW_BUTTONS) ?? [])];
  }

  function go(step: 1 | -1) {
    const all = buttons();
    const open = rows.findIndex((row) => rowKey(row) === selectedKey);
    const from = selectedKey === null ? all.indexOf(document.activeElement as HTMLElement) : open;
    const index = stepWithin(rows.length, from, step);
    const row = rows[index];
    if (row === undefined) return;
    all[index]?.scrollIntoView({ block: 'nearest' });
    if (selectedKey === null) all[index]?.focus({ preventScroll: true });
    else if (index !== open) onOpen(row);
  }

  function close() {
    const index = rows.findIndex((row) => rowKey(row) === selectedKey);
    // The row may have been hidden by what was open. It is there again before the next key.
    flushSync(() => onClose?.());
    buttons()[index]?.focus();
  }

  const { group } = text;
  useHotkeys([
    { keys: 'j', label: text.next, group, run: () => go(1) },
    { keys: 'ArrowDown', label: text.next, group, run: () => go(1) },
    { keys: 'k', label: text.previous, group, run: () => go(-1) },
    { keys: 'ArrowUp', label: text.previous, group, run: () => go(-1) },
    { keys: 'Escape', label: text.close, group, isDisabled: selectedKey === null, run: close },
  ]);
}
