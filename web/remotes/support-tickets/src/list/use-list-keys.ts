/** Walking and selecting in the list by keys, with the focus where the mark is. */
import { defineMessages, type Hotkey, useHotkeys, useMessages } from '@flowbit/ui';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { CalmRow } from './use-calm-rows';
import type { Selection } from './use-selection';

const words = defineMessages({
  en: {
    group: 'Tickets',
    next: 'Next ticket',
    previous: 'Previous ticket',
    open: 'Open ticket',
    select: 'Select ticket',
    range: 'Select up to this ticket',
  },
  de: {
    group: 'Tickets',
    next: 'Nächstes Ticket',
    previous: 'Voriges Ticket',
    open: 'Ticket öffnen',
    select: 'Ticket auswählen',
    range: 'Bis zu diesem Ticket auswählen',
  },
});

/** Holding a key must not open each ticket that it passes. */
const FOLLOW_DELAY_MS = 140;
/** While these come one after the other, the hand is on its way. */
const STEPS = ['j', 'k', 'ArrowDown', 'ArrowUp', 'Shift', 'Control', 'Alt', 'Meta'];
/** The row may have to be scrolled to first. */
const FOCUS_TRIES = 8;

export interface ListKeysOptions {
  rows: readonly CalmRow[];
  selection: Selection;
  openId: string | null;
  isHidden: boolean;
  scrollRef: RefObject<HTMLDivElement | null>;
  scrollToIndex(index: number): void;
  /** Shows a ticket in place of the one that is open. */
  onFollow(id: string): void;
}

export interface ListCursor {
  /** Where the keyboard stands. */
  activeId: string | null;
  activate(id: string): void;
}

export function useListKeys(options: ListKeysOptions): ListCursor {
  const { rows, selection, openId, isHidden, scrollRef, scrollToIndex, onFollow } = options;
  const text = useMessages(words);
  // Kept here and not higher: a step of the keyboard draws two rows, not the screen.
  const [activeId, activate] = useState<string | null>(null);
  /** The marked ticket that is not shown yet. */
  const follow = useRef<{ id: string; timer: ReturnType<typeof setTimeout> } | null>(null);

  useEffect(() => () => clearTimeout(follow.current?.timer), []);

  function dropFollow() {
    clearTimeout(follow.current?.timer);
    follow.current = null;
  }

  function focusRow(id: string, tries = FOCUS_TRIES) {
    const row = scrollRef.current?.querySelector<HTMLElement>(`[data-ticket="${CSS.escape(id)}"]`);
    if (row) row.focus({ preventScroll: true });
    else if (tries > 0) requestAnimationFrame(() => focusRow(id, tries - 1));
  }

  function indexOf(id: string | null): number {
    return rows.findIndex(({ ticket }) => ticket.id === id);
  }

  function goTo(index: number) {
    const id = rows[index]?.ticket.id;
    if (id === undefined) return;
    activate(id);
    scrollToIndex(index);
    if (!isHidden) focusRow(id);
    dropFollow();
    if (openId === null || openId === id) return;
    const timer = setTimeout(() => {
      dropFollow();
      onFollow(id);
    }, FOLLOW_DELAY_MS);
    follow.current = { id, timer };
  }

  function move(step: 1 | -1) {
    const isInList = scrollRef.current?.contains(document.activeElement) ?? false;
    // From elsewhere the walk begins where the open ticket is; without one, at the top.
    const from = isInList || openId === null ? indexOf(activeId) : indexOf(openId);
    if (from < 0) goTo(0);
    else if (!isInList && openId === null) goTo(from);
    else goTo(Math.min(rows.length - 1, Math.max(0, from + step)));
  }

  /** Arrows scroll wherever the focus is not in the list. */
  function moveByArrow(event: KeyboardEvent, step: 1 | -1) {
    if (event.target instanceof Node && scrollRef.current?.contains(event.target)) move(step);
  }

  const { group } = text;
  const hotkeys: Hotkey[] = [
    { keys: 'j', label: text.next, group, run: () => move(1) },
    { keys: 'ArrowDown', label: text.next, group },
    { keys: 'k', label: text.previous, group, run: () => move(-1) },
    { keys: 'ArrowUp', label: text.previous, group },
    { keys: 'Enter', label: text.open, group },
  ];
  if (selection.isPossible) {
    const select = (isRange: boolean) => {
      const id = activeId ?? rows[0]?.ticket.id;
      if (id !== undefined) selection.toggle(id, isRange);
    };
    hotkeys.push(
      { keys: 'x', label: text.select, group, run: () => select(false) },
      { keys: 'X', label: text.range, group, run: () => select(true) },
    );
  }
  useHotkeys(hotkeys);

  /** Any other key is for the ticket that is marked: it must not reach the one before. */
  function arrive(event: KeyboardEvent) {
    const { current } = follow;
    if (current === null || STEPS.includes(event.key)) return;
    dropFollow();
    flushSync(() => onFollow(current.id));
  }

  const onKey = useRef(arrive);
  useEffect(() => {
    onKey.current = arrive;
  });
  useEffect(() => {
    // Before anyone else hears of the key.
    const onKeyDown = (event: KeyboardEvent) => onKey.current(event);
    window.addEventListener('keydown', onKeyDown, { capture: true });
    return () => window.removeEventListener('keydown', onKeyDown, { capture: true });
  }, []);

  const onArrow = useRef(moveByArrow);
  useEffect(() => {
    onArrow.current = moveByArrow;
  });
  useEffect(() => {
    const element = scrollRef.current;
    function onKeyDown(event: KeyboardEvent) {
      const step = ({ ArrowDown: 1, ArrowUp: -1 } as const)[event.key as 'ArrowDown' | 'ArrowUp'];
      if (step === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onArrow.current(event, step);
    }
    element?.addEventListener('keydown', onKeyDown);
    return () => element?.removeEventListener('keydown', onKeyDown);
  }, [scrollRef]);

  return { activeId, activate };
}
