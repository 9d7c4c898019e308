/**
 * Keys of one's own: which keys take the place of those that a binding was written with. Kept by this browser, since
 * they depend on its keyboard, and the same in every open tab.
 */
import type { Hotkey } from './hotkeys';

const PREFERENCE = 'flowbit-keys';
/** What a person needs to get anywhere, or the browser keeps for itself. */
const RESERVED =
  /^(Escape|Enter|Tab|shift\+Tab| |F\d+|Dead|Unidentified|mod\+([acnqrtvwxz]|shift\+.*)|alt\+(ArrowLeft|ArrowRight))$/;

export type KeyProblem = { kind: 'reserved' } | { kind: 'taken'; by: string };

let choices: ReadonlyMap<string, string> = read();
const listeners = new Set<() => void>();

function read(): ReadonlyMap<string, string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PREFERENCE) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return new Map();
    const pairs = Object.entries(kept).filter((pair): pair is [string, string] => {
      const [, chosen] = pair;
      return typeof chosen === 'string' && chosen !== '' && !isReserved(chosen);
    });
    return new Map(pairs);
  } catch {
    return new Map();
  }
}

function set(next: ReadonlyMap<string, string>) {
  choices = next;
  for (const listener of listeners) listener();
}

globalThis.addEventListener?.('storage', ({ key }) => {
  if (key === PREFERENCE || key === null) set(read());
});

function isReserved(keys: string): boolean {
  return keys.split(' ').some((stroke) => stroke === '' || RESERVED.test(stroke));
}

/** The keys that a binding has now. */
export function chosenKeys(keys: string): string {
  return choices.get(keys) ?? keys;
}

/** Whether a person may give it other keys: not what an element does by itself, nor the way back. */
export function canChooseKeys({ keys, run }: Hotkey): boolean {
  return run !== undefined && !isReserved(keys);
}

/** Why `chosen` can't take the place of `keys`; null if it can. */
export function findKeyProblem(keys: string, chosen: string, bound: readonly Hotkey[]): KeyProblem | null {
  if (isReserved(chosen)) return { kind: 'reserved' };
  const other = bound.find((one) => {
    if (one.keys === keys) return false;
    const present = chosenKeys(one.keys);
    // One that begins another would never be reached, or keep the other from it.
    return present === chosen || present.startsWith(`${chosen} `) || chosen.startsWith(`${present} `);
  });
  return other ? { kind: 'taken', by: other.label } : null;
}

/** Gives a binding other keys; null gives it its own again. */
export function chooseKeys(keys: string, chosen: string | null): void {
  const next = new Map(choices);
  if (chosen === null || chosen === keys) next.delete(keys);
  else next.set(keys, chosen);
  keep(next);
}

/** Gives every binding its own keys again. */
export function forgetKeyChoices(): void {
  keep(new Map());
}

function keep(next: ReadonlyMap<string, string>) {
  set(next);
  try {
    if (next.size === 0) localStorage.removeItem(PREFERENCE);
    else localStorage.setItem(PREFERENCE, JSON.stringify(Object.fromEntries(next)));
  } catch {
    // A browser without storage has them until the page is left.
  }
}

export const keyChoiceStore = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  },
  getSnapshot: () => choices,
};
