/**
 * Escape for the dialog that has the focus, alone. Mantine's dialogs listen on the window, each for itself: of two
 * that are open, as the palette over a new ticket, one stroke closes both.
 */
import { useEffect, useLayoutEffect, useRef } from 'react';

/** Whether a stroke is Escape for `root`, not for another dialog nor for a list or menu that floats above it. */
export function isOwnEscape(event: KeyboardEvent, root: Element, focused: Element | null): boolean {
  if (event.key !== 'Escape' || event.isComposing || event.defaultPrevented) return false;
  const { target } = event;
  if (target instanceof Element && target.getAttribute('data-mantine-stop-propagation') === 'true')
    return false;
  const floats = focused?.closest('[role="dialog"], [role="menu"], [role="listbox"]') ?? null;
  return floats === null || root.contains(floats) || floats.contains(root);
}

/** Gives the ref of what holds the dialog; calls `onEscape` for the strokes that are its own. */
export function useOwnEscape(isOpen: boolean, onEscape: () => void) {
  const root = useRef<HTMLElement>(null);
  const latest = useRef(onEscape);
  useEffect(() => {
    latest.current = onEscape;
  });
  // In the commit that opens it: the next key may be there before the next effect.
  useLayoutEffect(() => {
    if (!isOpen) return;
    const listen = (event: KeyboardEvent) => {
      if (root.current !== null && isOwnEscape(event, root.current, document.activeElement)) latest.current();
    };
    // Before anything in the page takes the stroke, as Mantine does.
    window.addEventListener('keydown', listen, true);
    return () => window.removeEventListener('keydown', listen, true);
  }, [isOpen]);
  return root;
}
