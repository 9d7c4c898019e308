/**
 * What an agent's eye sees: how soon a ticket is there, how soon a letter is, how much program that takes, whether
 * anything jumps. A real browser on a desk that runs, its processor slowed down four times. Prints one line of JSON.
 *
 *     node eye.mjs URL EMAIL PASSWORD
 */
import { chromium } from '@playwright/test';

const [url, email, password] = process.argv.slice(2);
/** As on a machine of an office, not of whoever builds this. */
const SLOWER = 4;
/** Tickets that are opened, each anew and once more. */
const TICKETS = 15;
/** An event that is painted within one frame is told of by no browser. */
const FRAME_MS = 16;
const SENTENCE = 'We have looked into it and will tell you by noon. ';

const browser = await chromium.launch({
  executablePath: process.env.FLOWBIT_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
});
try {
  console.log(JSON.stringify(await look()));
} finally {
  await browser.close();
}

async function look() {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.addInitScript(watch);
  const devtools = await page.context().newCDPSession(page);
  const scripts = await countScripts(devtools);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });

  await page.goto(url);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const rows = page.getByRole('list', { name: 'Tickets' }).getByRole('link');
  await rows.first().waitFor();
  await settle(page);
  const firstLoad = scripts.bytes();

  // As who comes back: signed in, the desk is all that loads.
  await page.reload();
  await rows.first().waitFor();
  await settle(page);
  const shift = await page.evaluate(() => globalThis.flowbitEye.shift);

  const anew = [];
  const again = [];
  for (let n = 0; n < TICKETS; n++) {
    await page.keyboard.press('j');
    await settle(page);
    for (const times of [anew, again]) {
      const opening = page.evaluate(() => globalThis.flowbitEye.untilTicket());
      await page.keyboard.press('Enter');
      times.push(await opening);
      await settle(page);
      if (times === anew) {
        await page.keyboard.press('Escape');
        await settle(page);
      }
    }
    await page.keyboard.press('Escape');
    await settle(page);
  }

  await page.keyboard.press('Enter');
  await settle(page);
  await page.keyboard.press('r');
  await settle(page);
  await page.evaluate(() => globalThis.flowbitEye.keys.splice(0));
  for (const letter of SENTENCE.repeat(2)) {
    await page.keyboard.press(letter === ' ' ? 'Space' : letter);
    // A fast typist: ten letters a second.
    await page.waitForTimeout(100);
  }
  await settle(page);
  const slow = await page.evaluate(() => globalThis.flowbitEye.keys);
  // The editor has taken the place of the plain field by now.
  const typed = await page
    .getByRole('textbox', { name: /^(Reply to|Write a reply)/ })
    .evaluate((editor) => [...editor.children].map(({ textContent }) => textContent).join('\n'));
  if (typed !== SENTENCE.repeat(2)) throw new Error(`typed ${JSON.stringify(typed)}`);
  const keys = Array.from(typed, (_, place) => slow[place] ?? FRAME_MS);
  return { anew, again, keys, firstLoad, scripts: scripts.count(), shift };
}

/** Waits until the browser has nothing to do and has painted what it had. */
async function settle(page) {
  await page.waitForLoadState('networkidle');
  await page.evaluate(
    () =>
      new Promise((resolve) => requestIdleCallback(() => requestAnimationFrame(() => resolve(undefined)))),
  );
}

/** The bytes of programs as they came over the wire. */
async function countScripts(devtools) {
  const kinds = new Map();
  const sizes = new Map();
  devtools.on('Network.responseReceived', ({ requestId, type }) => kinds.set(requestId, type));
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) =>
    sizes.set(requestId, encodedDataLength),
  );
  await devtools.send('Network.enable');
  const all = () => [...sizes].filter(([id]) => kinds.get(id) === 'Script').map(([, size]) => size);
  return { bytes: () => all().reduce((sum, size) => sum + size, 0), count: () => all().length };
}

/** Runs in the page before anything else. */
function watch() {
  const eye = { shift: 0, keys: [], untilTicket };
  globalThis.flowbitEye = eye;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) eye.shift += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name === 'keydown') eye.keys.push(entry.duration);
  }).observe({ type: 'event', durationThreshold: 16 });

  /** From the next key to the frame that shows the ticket with its conversation, in milliseconds. */
  function untilTicket() {
    return new Promise((resolve) => {
      document.addEventListener(
        'keydown',
        ({ timeStamp }) => {
          function look() {
            const conversation = document.querySelector('main section[aria-label="Conversation"]');
            const isThere =
              conversation?.querySelector('article') && !conversation.querySelector('[class*="Skeleton"]');
            if (!isThere) {
              requestAnimationFrame(look);
              return;
            }
            // A task of its own comes after the frame has been painted.
            const painted = new MessageChannel();
            painted.port1.onmessage = () => resolve(performance.now() - timeStamp);
            painted.port2.postMessage(null);
          }
          requestAnimationFrame(look);
        },
        { capture: true, once: true },
      );
    });
  }
}
