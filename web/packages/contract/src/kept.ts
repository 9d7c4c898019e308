/** What this device keeps for a person, so that neither a reload nor a crash loses what was typed. */
import type { SessionUser } from '@flowbit/api';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useScreen } from './use-screen';

type Owner = Pick<SessionUser, 'id' | 'customerId'>;

function keyOf(owner: Owner, name: string): string {
  return `flowbit-draft:${owner.customerId}:${owner.id}:${name}`;
}

/** What was kept under a name; null for nothing. */
export function readKept<T>(owner: Owner, name: string): T | null {
  try {
    const text = localStorage.getItem(keyOf(owner, name));
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

/** Null forgets it. Returns whether the device kept it. */
export function writeKept<T>(owner: Owner, name: string, value: T | null): boolean {
  try {
    if (value === null) localStorage.removeItem(keyOf(owner, name));
    else localStorage.setItem(keyOf(owner, name), JSON.stringify(value));
    return true;
  } catch {
    // Storage may be full or switched off.
    return false;
  }
}

const SAVE_DELAY_MS = 300;

export interface KeptOptions<T> {
  /** Unique for the person; the component is made anew when it changes. */
  name: string;
  /** Makes the first value from what was kept, which may be anything. */
  restore(kept: unknown): T;
  /** Whether there is anything worth keeping. */
  isWorthKeeping(value: T): boolean;
}

export interface Kept<T> {
  value: T;
  set(change: (before: T) => T): void;
  /** Forgets what was kept and goes on with this. */
  reset(value: T): void;
  /** The device has the value as it is now. */
  isKept: boolean;
}

/** State that this device keeps under a name. */
export function useKept<T>(options: KeptOptions<T>): Kept<T> {
  const { user } = useScreen();
  const { name, restore } = options;
  const [value, setValue] = useState<T>(() => restore(readKept<unknown>(user, name)));
  const [isKept, setKept] = useState(() => options.isWorthKeeping(value));
  // Ahead of what is drawn: the page may be left before the next paint.
  const latest = useRef(value);
  const isUnsaved = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isWorthKeeping = useRef(options.isWorthKeeping);

  const save = useCallback(() => {
    clearTimeout(timer.current);
    if (!isUnsaved.current) return;
    isUnsaved.current = false;
    const isWorth = isWorthKeeping.current(latest.current);
    setKept(writeKept(user, name, isWorth ? latest.current : null) && isWorth);
  }, [user, name]);

  useEffect(() => {
    window.addEventListener('pagehide', save);
    return () => {
      window.removeEventListener('pagehide', save);
      save();
    };
  }, [save]);

  const set = useCallback(
    (change: (before: T) => T) => {
      latest.current = change(latest.current);
      isUnsaved.current = true;
      setValue(latest.current);
      setKept(false);
      clearTimeout(timer.current);
      timer.current = setTimeout(save, SAVE_DELAY_MS);
    },
    [save],
  );

  const reset = useCallback(
    (next: T) => {
      clearTimeout(timer.current);
      latest.current = next;
      isUnsaved.current = false;
      setValue(next);
      setKept(false);
      writeKept(user, name, null);
    },
    [user, name],
  );

  return { value, set, reset, isKept };
}
