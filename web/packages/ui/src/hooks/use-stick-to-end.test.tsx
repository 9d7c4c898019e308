import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useStickToEnd } from './use-stick-to-end';

let cleanUp = () => {};
/** Tells the hook that something in the conversation has another size. */
let resize = () => {};

class Observer {
  constructor(tell: () => void) {
    resize = tell;
  }
  observe() {}
  disconnect() {}
}

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.stubGlobal('ResizeObserver', Observer);
});
afterEach(() => {
  cleanUp();
  vi.unstubAllGlobals();
});

function Story({ count }: { count: number }) {
  const { scroll, content, onScroll, hasMore } = useStickToEnd(count, true);
  return (
    <section ref={scroll} onScroll={onScroll} data-more={hasMore || undefined}>
      <div ref={content}>
        <button type="button">Unfold</button>
      </div>
    </section>
  );
}

/** 1,000 pixels of text in a window of 200. */
function mount() {
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  cleanUp = () => {
    act(() => root.unmount());
    container.remove();
  };
  const show = (count: number) => act(() => root.render(<Story count={count} />));
  show(1);
  const story = container.querySelector('section') as HTMLElement;
  Object.defineProperty(story, 'scrollHeight', { value: 1_000 });
  Object.defineProperty(story, 'clientHeight', { value: 200 });
  const scrollTo = vi.spyOn(story, 'scrollTo').mockImplementation(() => {});
  const read = (top: number) =>
    act(() => {
      story.scrollTop = top;
      story.dispatchEvent(new Event('scroll', { bubbles: true }));
    });
  return { story, show, scrollTo, read };
}

it('keeps the end in view for those who read the end', () => {
  const { story, show, scrollTo } = mount();
  show(2);
  expect(scrollTo).toHaveBeenLastCalledWith({ top: 1_000 });
  expect(story.dataset.more).toBeUndefined();
});

it('leaves the others where they are, and says that there is more until they are at the end', () => {
  const { story, show, scrollTo, read } = mount();
  read(300);
  show(2);
  resize();
  expect(scrollTo).not.toHaveBeenCalled();
  expect(story.dataset.more).toBe('true');
  read(790);
  expect(story.dataset.more).toBeUndefined();
});

it('follows what grows, but for those who have the focus in it', () => {
  const { story, scrollTo } = mount();
  resize();
  expect(scrollTo).toHaveBeenCalledTimes(1);
  story.querySelector('button')?.focus();
  resize();
  expect(scrollTo).toHaveBeenCalledTimes(1);
});
