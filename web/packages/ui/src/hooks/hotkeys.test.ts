import { afterEach, describe, expect, it, vi } from 'vitest';
import { bindHotkeys, type Hotkey, hotkeyStore, setSingleKeys, strokeOf } from './hotkeys';

const unbind: (() => void)[] = [];

/** Binds keys and returns what ran, by their names. */
function bind(...hotkeys: (string | Partial<Hotkey>)[]): string[] {
  const ran: string[] = [];
  const entries = hotkeys.map((given) => {
    const more = typeof given === 'string' ? { keys: given } : given;
    const keys = more.keys ?? '';
    return { current: { keys, label: keys, run: () => ran.push(more.label ?? keys), ...more } as Hotkey };
  });
  unbind.push(bindHotkeys(entries));
  return ran;
}

function press(
  key: string,
  init: KeyboardEventInit = {},
  target: EventTarget = document.body,
): KeyboardEvent {
  const event = new KeyboardEvent('keydown', {
    key,
    bubbles: true,
    cancelable: true,
    composed: true,
    ...init,
  });
  target.dispatchEvent(event);
  return event;
}

function add<Name extends keyof HTMLElementTagNameMap>(name: Name, attributes: Record<string, string> = {}) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  document.body.append(element);
  return element;
}

afterEach(() => {
  // A sequence that was begun must not reach into the next test.
  press('F24');
  for (const undo of unbind.splice(0)) undo();
  document.body.replaceChildren();
  setSingleKeys(true);
  vi.useRealTimers();
});

it.each([
  [{ key: 'j' }, 'j'],
  [{ key: '?', shiftKey: true }, '?'],
  [{ key: 'J', shiftKey: true }, 'J'],
  [{ key: 'k', ctrlKey: true }, 'mod+k'],
  [{ key: 'k', metaKey: true }, 'mod+k'],
  [{ key: 'K', ctrlKey: true, shiftKey: true }, 'mod+shift+k'],
  [{ key: 'Enter', shiftKey: true }, 'shift+Enter'],
  [{ key: 'ArrowDown', altKey: true }, 'alt+ArrowDown'],
])('%j is written %s', (init, stroke) => {
  expect(strokeOf(new KeyboardEvent('keydown', init))).toBe(stroke);
});

describe('a key', () => {
  it('runs what is bound to it and keeps the browser from its own', () => {
    const ran = bind('j', 'mod+k');
    expect(press('j').defaultPrevented).toBe(true);
    press('k', { ctrlKey: true });
    expect(press('x').defaultPrevented).toBe(false);
    expect(ran).toEqual(['j', 'mod+k']);
  });

  it('belongs to the latest binding, and to the earlier one again afterwards', () => {
    const earlier = bind('j');
    const later = bind('j');
    press('j');
    unbind.pop()?.();
    press('j');
    expect([earlier, later]).toEqual([['j'], ['j']]);
  });

  it('passes over a disabled binding', () => {
    const below = bind('j');
    const above = bind({ keys: 'j', isDisabled: true });
    press('j');
    expect([below, above]).toEqual([['j'], []]);
  });

  it('does nothing once someone else has taken the event', () => {
    const ran = bind('j');
    const button = add('button');
    button.addEventListener('keydown', (event) => event.preventDefault());
    press('j', {}, button);
    press('j', { isComposing: true });
    expect(ran).toEqual([]);
  });
});

describe('a sequence', () => {
  it('runs when its strokes follow each other', () => {
    const ran = bind('g t', 't');
    press('g');
    press('t');
    press('t');
    expect(ran).toEqual(['g t', 't']);
  });

  it('is forgotten after a while, and gives way to what else is pressed', () => {
    vi.useFakeTimers();
    const ran = bind('g t', 'j');
    press('g');
    vi.advanceTimersByTime(1300);
    press('t');
    press('g');
    press('j');
    press('t');
    expect(ran).toEqual(['j']);
  });

  it('is judged by when its keys were pressed, however late the page comes to them', () => {
    vi.useFakeTimers();
    const ran = bind('g t', 't');
    function pressAt(key: string, at: number) {
      const event = new KeyboardEvent('keydown', { key, bubbles: true });
      Object.defineProperty(event, 'timeStamp', { value: at });
      document.body.dispatchEvent(event);
    }
    pressAt('g', 1000);
    vi.advanceTimersByTime(5000);
    pressAt('t', 1100);
    pressAt('g', 9000);
    pressAt('t', 10_300);
    expect(ran).toEqual(['g t', 't']);
  });
});

describe('elsewhere', () => {
  it.each([
    ['a text field', () => add('input')],
    ['a text area', () => add('textarea')],
    ['a choice', () => add('select')],
    ['a menu', () => add('div', { role: 'menu' })],
  ])('in %s only global keys work', (_, make) => {
    const ran = bind('j', { keys: 'mod+Enter', isGlobal: true }, 'g t');
    const target = make();
    press('j', {}, target);
    press('g', {}, target);
    press('t');
    press('Enter', { ctrlKey: true }, target);
    expect(ran).toEqual(['mod+Enter']);
  });

  it('they work in a check box, and nowhere behind a dialog', () => {
    const ran = bind('j');
    press('j', {}, add('input', { type: 'checkbox' }));
    add('div', { 'aria-modal': 'true' });
    press('j');
    expect(ran).toEqual(['j']);
  });
});

it('leaves strokes with a modifier when single keys are switched off', () => {
  const ran = bind('j', 'g t', 'mod+k');
  setSingleKeys(false);
  press('j');
  press('g');
  press('t');
  press('k', { ctrlKey: true });
  expect(ran).toEqual(['mod+k']);
});

it('tells what is bound', () => {
  const heard = vi.fn();
  const stop = hotkeyStore.subscribe(heard);
  bind('j', 'k');
  expect(hotkeyStore.getSnapshot().map(({ keys }) => keys)).toEqual(['j', 'k']);
  unbind.pop()?.();
  expect(hotkeyStore.getSnapshot()).toEqual([]);
  expect(heard).toHaveBeenCalledTimes(2);
  stop();
});

it('lists a key that an element answers by itself, and leaves it to the element', () => {
  const unbindListed = bindHotkeys([{ current: { keys: 'Enter', label: 'Open' } }]);
  unbind.push(unbindListed);
  const ran = bind({ keys: 'j' });
  expect(hotkeyStore.getSnapshot().map(({ keys }) => keys)).toEqual(['Enter', 'j']);
  expect(press('Enter').defaultPrevented).toBe(false);
  press('j');
  expect(ran).toEqual(['j']);
});
