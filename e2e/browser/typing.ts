/**
 * Keys as a quick hand on a slow machine gives them: all of them wait in the browser before the page gets to the
 * first. Playwright's own keyboard waits after each key until the page has dealt with it.
 */
import type { CDPSession, Page } from '@playwright/test';

/** The named keys that the tests use, by what their `key` says, with their Windows code and what they write. */
const NAMED: Record<string, { code: number; text?: string }> = {
  Tab: { code: 9 },
  Enter: { code: 13, text: '\r' },
  Escape: { code: 27 },
  ArrowDown: { code: 40 },
};

const CONTROL = 2;
/** Long enough for all keys to have arrived. */
const BUSY_MS = 400;

/** Down and up of one stroke: `a`, `Escape`, `Control+k`. */
function eventsOf(stroke: string) {
  const isControl = stroke.startsWith('Control+');
  const key = isControl ? stroke.slice('Control+'.length) : stroke;
  const named = NAMED[key];
  if (!named && [...key].length !== 1) throw new Error(`there is no code for the key ${key}`);
  const text = isControl ? undefined : named ? named.text : key;
  const common = {
    key,
    windowsVirtualKeyCode: named?.code ?? key.toUpperCase().charCodeAt(0),
    modifiers: isControl ? CONTROL : 0,
  };
  return [
    {
      ...common,
      type: text === undefined ? ('rawKeyDown' as const) : ('keyDown' as const),
      ...(text ? { text } : {}),
    },
    { ...common, type: 'keyUp' as const },
  ];
}

const sessions = new WeakMap<Page, Promise<CDPSession>>();

function sessionOf(page: Page): Promise<CDPSession> {
  const session = sessions.get(page) ?? page.context().newCDPSession(page);
  sessions.set(page, session);
  return session;
}

/** Presses all strokes while the page is busy; done when it has dealt with the last. */
export async function pressAtOnce(page: Page, ...strokes: readonly string[]): Promise<void> {
  const session = await sessionOf(page);
  const busy = session.send('Runtime.evaluate', {
    expression: `for (const end = performance.now() + ${BUSY_MS}; performance.now() < end; );`,
  });
  const keys = strokes.flatMap(eventsOf).map((event) => session.send('Input.dispatchKeyEvent', event));
  await Promise.all([busy, ...keys]);
}
