/** The page as a program: what it loads, what its policy forbids, and whether it fits the window. */
import type { CDPSession, Page } from '@playwright/test';
import { Desk, expect, LOGISTICS, PASSWORD, RETAIL, test } from './desk.ts';

const KILOBYTE = 1024;
/** Compressed, up to the sign-in page, from there to the list of tickets, and from there to a ticket. */
const FIRST_LOAD_MAX = 300 * KILOBYTE;
const SCREEN_MAX = 75 * KILOBYTE;
const TICKET_MAX = 50 * KILOBYTE;
/** From the sign-in page to a requester's list, and from there to one of their requests. */
const PORTAL_MAX = 60 * KILOBYTE;
const REQUEST_MAX = 50 * KILOBYTE;
/** Raises tickets at LogisticsCo. */
const REQUESTER = 'tom.okafor@logisticsco.com';

/** Bytes on the line since the last reading. */
async function measure(session: CDPSession): Promise<() => number> {
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await session.send('Network.enable');
  return () => {
    const read = bytes;
    bytes = 0;
    return read;
  };
}

test('little is loaded, once, and nothing against the policy', async ({ browser }) => {
  // Of its own: what other tests have raised is no part of the programs.
  const desk = await Desk.start({ n8n: false });
  const context = await browser.newContext();
  const page = await context.newPage();
  const forbidden: string[] = [];
  await page.exposeFunction('tellForbidden', (what: string) => forbidden.push(what));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      const { tellForbidden } = globalThis as unknown as { tellForbidden(what: string): void };
      tellForbidden(`${violatedDirective}: ${blockedURI}`);
    });
  });
  const read = await measure(await context.newCDPSession(page));
  await page.goto(desk.url);
  await expect(page.getByLabel('Email')).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(read()).toBeLessThan(FIRST_LOAD_MAX);

  await page.getByLabel('Email').fill(LOGISTICS);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('list', { name: 'Tickets' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(read()).toBeLessThan(SCREEN_MAX);
  await page.getByRole('list', { name: 'Tickets' }).getByRole('link').first().click();
  await expect(page.getByRole('region', { name: 'Conversation' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(read()).toBeLessThan(TICKET_MAX);
  const screens = page.getByRole('navigation', { name: 'Screens' });
  for (const name of ['Workflows', 'Users', 'Screens', 'Audit trail']) {
    await screens.getByRole('link', { name }).click();
    await expect(page.locator('main').getByRole('heading', { name, exact: true })).toBeVisible();
  }

  // The shell's React, kit and cache are everybody's: a second copy would split state in two.
  const shared = await page.evaluate(() => {
    interface Share {
      from: string;
      loaded?: unknown;
    }
    const { __FEDERATION__ } = globalThis as unknown as {
      __FEDERATION__: {
        __INSTANCES__: { shareScopeMap: Record<string, Record<string, Record<string, Share>>> }[];
      };
    };
    const copies: Record<string, string[]> = {};
    for (const { shareScopeMap } of __FEDERATION__.__INSTANCES__) {
      for (const [name, versions] of Object.entries(shareScopeMap.default ?? {})) {
        for (const { from, loaded } of Object.values(versions)) {
          if (loaded) copies[name] = [...new Set([...(copies[name] ?? []), from])];
        }
      }
    }
    return copies;
  });
  for (const name of ['react', 'react-dom', '@tanstack/react-query', '@flowbit/ui', '@flowbit/contract']) {
    expect(shared[name], name).toEqual(['flowbit_shell']);
  }

  // Loaded once, the programs come from the browser's own store.
  read();
  await page.reload();
  await expect(page.locator('main').getByRole('heading', { name: 'Audit trail' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(read()).toBeLessThan(40 * KILOBYTE);
  expect(forbidden).toEqual([]);
  await context.close();
  await desk.stop();
});

test('who raises tickets loads less than who works on them', async ({ browser, desk }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const read = await measure(await context.newCDPSession(page));
  await page.goto(desk.url);
  await expect(page.getByLabel('Email')).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(read()).toBeLessThan(FIRST_LOAD_MAX);

  await page.getByLabel('Email').fill(REQUESTER);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  const requests = page.getByRole('list', { name: 'Requests' }).getByRole('link');
  await expect(requests.first()).toBeVisible();
  await page.waitForLoadState('networkidle');
  const list = read();
  expect(list).toBeLessThan(PORTAL_MAX);
  // The program itself, and not only what is read: an answer that was never measured would be nothing.
  expect(list).toBeGreaterThan(10 * KILOBYTE);
  await requests.first().click();
  await expect(page.getByRole('region', { name: 'Conversation' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(read()).toBeLessThan(REQUEST_MAX);
  await context.close();
});

async function expectToFit(page: Page, what: string): Promise<void> {
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  const cut = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const main = document.querySelector('main');
    return [
      ...(scrollWidth > clientWidth ? [`page: ${scrollWidth} of ${clientWidth}`] : []),
      ...(main && main.scrollWidth > main.clientWidth
        ? [`main: ${main.scrollWidth} of ${main.clientWidth}`]
        : []),
    ];
  });
  expect.soft(cut, what).toEqual([]);
}

/** A phone, a small one, and a laptop at 200 % zoom. */
for (const [width, height] of [
  [390, 844],
  [320, 640],
  [720, 450],
] as const) {
  test(`nothing is cut off at ${width} × ${height}`, async ({ browser, desk }) => {
    const isPhone = width < 500;
    const options = { viewport: { width, height }, hasTouch: isPhone, isMobile: isPhone };
    const companies = [
      {
        email: LOGISTICS,
        tickets: 'tickets',
        admin: ['workflows', 'workflows/deliveries', 'users', 'screens', 'audit'],
      },
      { email: RETAIL, tickets: 'anfragen', admin: ['automatisierung', 'benutzer', 'protokoll'] },
    ];
    for (const { email, tickets, admin } of companies) {
      const page = await desk.signIn(browser, email, options);
      const rows = page.getByRole('list', { name: 'Tickets' }).getByRole('link');
      await expect(rows.first()).toBeVisible();
      await expectToFit(page, tickets);
      await rows.first().click();
      const heading = page.locator('main').getByRole('heading', { level: 1 });
      await expect(heading).toBeVisible();
      await expectToFit(page, `${tickets}: one`);
      // Nothing of the list is seen through the ticket that lies over it.
      const through = page.locator('section[data-hidden] *:visible');
      expect(await through.count(), `${tickets}: through`).toBe(0);
      // The way back and the field to write in are on the screen, not below it.
      await expect(
        page.getByRole('button', { name: /^(Back to the list|Zurück zur Liste)$/ }),
      ).toBeInViewport();
      const field = page.getByRole('region', { name: /^(Write|Schreiben)$/ }).getByRole('textbox');
      await expect(field).toBeInViewport();
      for (const path of admin) {
        await page.goto(`${desk.url}/${path}`);
        await expect(heading.first()).toBeVisible();
        await expectToFit(page, path);
      }
      await page.context().close();
    }
  });
}
