/**
 * The focus of what floats: in it as soon as it is there, and back where it was as soon as it is gone.
 *
 * Mantine moves the focus in a timer. On a busy machine keys come sooner: they are lost, or taken for commands
 * of the page below. Here it moves in the commit that shows or hides, which is over before the next key.
 */
import { type RefCallback, useLayoutEffect, useRef, useState } from 'react';

const MARK = 'data-autofocus';

/** Where the focus begins: what is marked, else the dialog itself, in or around `root`. */
function findEntry(root: HTMLElement): HTMLElement | null {
  const dialog = root.matches('[role="dialog"]') ? root : root.querySelector<HTMLElement>('[role="dialog"]');
  return root.querySelector<HTMLElement>(`[${MARK}]`) ?? dialog;
}

/** Mantine's timer focuses what is marked, once more: by then that must be where the person has gone to. */
function moveMark(root: HTMLElement, to: EventTarget | null): void {
  for (const marked of root.querySelectorAll(`[${MARK}]`)) marked.removeAttribute(MARK);
  if (to instanceof Element && to !== root) to.setAttribute(MARK, 'true');
}

/** Gives the ref of what floats or of what holds it. `[data-autofocus]` marks where the focus begins. */
export function useFloatingFocus(opened: boolean): RefCallback<HTMLElement> {
  const [root, setRoot] = useState<HTMLElement | null>(null);
  const from = useRef<Element | null>(null);

  useLayoutEffect(() => {
    if (!opened || root === null) return;
    const follow = (event: FocusEvent) => moveMark(root, event.target);
    root.addEventListener('focusin', follow);
    from.current = document.activeElement;
    findEntry(root)?.focus({ preventScroll: true });
    return () => root.removeEventListener('focusin', follow);
  }, [opened, root]);

  // Not the clean-up of the above: React tells no component about focus while it takes elements away.
  useLayoutEffect(() => {
    if (opened || from.current === null) return;
    const back = from.current;
    from.current = null;
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (isLost && back instanceof HTMLElement) back.focus({ preventScroll: true });
  }, [opened]);

  return setRoot;
}
