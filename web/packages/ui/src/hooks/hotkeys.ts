/**
 * Keys: one listener for the page, and a list of what is bound so that it can be shown.
 *
 * A binding is a stroke (`mod+k`, `?`, `ArrowDown`) or a sequence (`g t`). Single characters do
 * nothing while someone types, while a dialog is open or a menu has the focus, and can be switched
 * off as a whole (WCAG 2.1.4). Of equal bindings the latest wins. A binding is written with the keys that it has
 * unless the person has chosen others (`key-choices`).
 */
import { chosenKeys } from './key-choices';

export interface Hotkey {
  keys: string;
  /** What it does, for the overview. */
  label: string;
  /** Heading in the overview. */
  group?: string;
  /** Left out for what an element does by itself: then the key is listed and nothing else. */
  run?(event: KeyboardEvent): void;
  /** Works in text fields too; only sensible with `mod` or `Escape`. */
  isGlobal?: boolean;
  isDisabled?: boolean;
}

const SEQUENCE_MS = 1200;
const PREFERENCE = 'flowbit-single-keys';

type Entry = { current: Hotkey };

const bound: Entry[] = [];
const listeners = new Set<() => void>();
let snapshot: Hotkey[] = [];
let prefix = '';
/** When the key was pressed, not when a busy page came to it. */
let prefixAt = 0;

function changed() {
  snapshot = bound.map((entry) => entry.current);
  for (const listener of listeners) listener();
}

/** The stroke of an event as bindings write it. */
export function strokeOf(event: KeyboardEvent): string {
  const parts: string[] = [];
  if (event.metaKey || event.ctrlKey) parts.push('mod');
  if (event.altKey) parts.push('alt');
  const { key } = event;
  // Shift is part of a printed character (`?`) but a modifier of a named key.
  if (event.shiftKey && (key.length > 1 || parts.length > 0)) parts.push('shift');
  parts.push(key.length === 1 && (parts.length > 0 || !event.shiftKey) ? key.toLowerCase() : key);
  return parts.join('+');
}

function isTyping(target: Element | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) {
    return !['button', 'checkbox', 'radio', 'range', 'submit', 'reset'].includes(target.type);
  }
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function isElsewhere(target: Element | null): boolean {
  return (
    isTyping(target) ||
    target?.closest('[role="menu"], [role="listbox"], [role="dialog"]') != null ||
    document.querySelector('[aria-modal="true"]') !== null
  );
}

export function areSingleKeysOn(): boolean {
  try {
    return localStorage.getItem(PREFERENCE) !== 'off';
  } catch {
    return true;
  }
}

export function setSingleKeys(on: boolean): void {
  try {
    localStorage.setItem(PREFERENCE, on ? 'on' : 'off');
  } catch {
    // A browser without storage keeps the keys as they are.
  }
  changed();
}

function find(keys: string, away: boolean): Hotkey | undefined {
  return bound.findLast(({ current }) => {
    if (current.isDisabled || !current.run || chosenKeys(current.keys) !== keys) return false;
    if (current.isGlobal) return true;
    return !away && (keys.includes('mod+') || keys.length > 1 || areSingleKeysOn());
  })?.current;
}

function onKeyDown(event: KeyboardEvent) {
  if (
    event.defaultPrevented ||
    event.isComposing ||
    ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)
  ) {
    return;
  }
  const target = event.composedPath()[0];
  const away = isElsewhere(target instanceof Element ? target : null);
  const stroke = strokeOf(event);
  const isSequence = prefix !== '' && event.timeStamp - prefixAt < SEQUENCE_MS;
  const sequence = isSequence ? `${prefix} ${stroke}` : stroke;
  prefix = '';

  const match = find(sequence, away) ?? (sequence === stroke ? undefined : find(stroke, away));
  if (match?.run) {
    event.preventDefault();
    match.run(event);
    return;
  }
  const begins = bound.some(
    ({ current }) => !current.isDisabled && chosenKeys(current.keys).startsWith(`${stroke} `),
  );
  if (!away && begins && areSingleKeysOn()) {
    prefix = stroke;
    prefixAt = event.timeStamp;
  }
}

/** Binds keys until the returned function is called. The entries may change meanwhile. */
export function bindHotkeys(entries: Entry[]): () => void {
  if (bound.length === 0) document.addEventListener('keydown', onKeyDown);
  bound.push(...entries);
  changed();
  return () => {
    for (const entry of entries) {
      const index = bound.indexOf(entry);
      if (index >= 0) bound.splice(index, 1);
    }
    if (bound.length === 0) document.removeEventListener('keydown', onKeyDown);
    changed();
  };
}

export const hotkeyStore = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
  getSnapshot: () => snapshot,
};
