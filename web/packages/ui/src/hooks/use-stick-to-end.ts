/** Keeps the end of a conversation in view for those who are there, and tells the others that there is more. */
import { type UIEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** So near to the end one is reading the end. */
const NEAR_END_PX = 80;

export function useStickToEnd(count: number, isReady: boolean) {
  const scroll = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const seen = useRef<number | null>(null);
  const [hasMore, setHasMore] = useState(false);

  function toEnd() {
    scroll.current?.scrollTo({ top: scroll.current.scrollHeight });
    setHasMore(false);
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the conversation grows
  useLayoutEffect(() => {
    if (!isReady) return;
    const isFirst = seen.current === null;
    const hasGrown = count > (seen.current ?? 0);
    seen.current = count;
    if (isFirst || (hasGrown && isAtEnd.current)) toEnd();
    else if (hasGrown) setHasMore(true);
  }, [count, isReady]);

  useEffect(() => {
    const element = scroll.current;
    const inner = content.current;
    if (!element || !inner) return;
    // The box to write in grows and shrinks, a keyboard comes up, and what is shown later comes when it has come.
    // Who unfolds something has the focus there, and stays where they are.
    const observer = new ResizeObserver(() => {
      const isHeld = inner.contains(document.activeElement);
      if (isAtEnd.current && seen.current !== null && !isHeld) {
        element.scrollTo({ top: element.scrollHeight });
      }
    });
    observer.observe(element);
    observer.observe(inner);
    return () => observer.disconnect();
  }, []);

  function onScroll(event: UIEvent<HTMLElement>) {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (isAtEnd.current) setHasMore(false);
  }

  return { scroll, content, onScroll, hasMore, toEnd };
}
