/** Keys as a hook. */
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { bindHotkeys, type Hotkey, hotkeyStore } from './hotkeys';
import { keyChoiceStore } from './key-choices';

/** Binds keys while the component is there: `useHotkeys([{keys: 'j', label: 'Next', run: next}])`. */
export function useHotkeys(hotkeys: readonly Hotkey[]): void {
  const entries = useRef<{ current: Hotkey }[]>([]);
  // What a key does may change with each render; which keys there are decides about binding anew.
  const signature = hotkeys.map(({ keys, label, group, isDisabled }) => [keys, label, group, isDisabled]);
  const key = JSON.stringify(signature);
  useEffect(() => {
    for (const [index, hotkey] of hotkeys.entries()) {
      const entry = entries.current[index];
      if (entry) entry.current = hotkey;
    }
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the list
  useEffect(() => {
    entries.current = hotkeys.map((hotkey) => ({ current: hotkey }));
    return bindHotkeys(entries.current);
  }, [key]);
}

/** The keys that the person has chosen, by those that the bindings were written with. */
export function useKeyChoices(): ReadonlyMap<string, string> {
  return useSyncExternalStore(keyChoiceStore.subscribe, keyChoiceStore.getSnapshot);
}

/** All keys that are bound right now, for an overview. */
export function useBoundHotkeys(): readonly Hotkey[] {
  return useSyncExternalStore(hotkeyStore.subscribe, hotkeyStore.getSnapshot);
}
