/** A screen program that is missing, hangs or throws costs its own rectangle and can be tried again. */
import type { Page } from '@playwright/test';
import { expect, LOGISTICS, PASSWORD, test } from './desk.ts';

const MANIFEST = '**/remotes/support-tickets/mf-manifest.json*';

async function stillWorks(page: Page): Promise<void> {
  const screens = page.getByRole('navigation', { name: 'Screens' });
  await screens.getByRole('link', { name: 'Users' }).click();
  await expect(page.locator('main').getByRole('heading', { name: 'Users' })).toBeVisible();
  await screens.getByRole('link', { name: 'Support tickets' }).click();
}

async function recovers(page: Page): Promise<void> {
  await page.getByRole('button', { name: /try again|retry/i }).click();
  await expect(page.getByRole('list', { name: 'Tickets' })).toBeVisible();
}

test('a missing one', async ({ browser, desk }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await context.route(MANIFEST, (route) => route.fulfill({ status: 404, body: 'gone' }));
  await signIn(page, desk.url);
  await expect(page.getByRole('button', { name: /try again|retry/i })).toBeVisible();
  await stillWorks(page);
  await expect(page.getByRole('button', { name: /try again|retry/i })).toBeVisible();
  await context.unroute(MANIFEST);
  await recovers(page);
  await context.close();
});

test('one that hangs', async ({ browser, desk }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const held: (() => void)[] = [];
  await context.route(
    MANIFEST,
    (route) => new Promise<void>((resolve) => held.push(() => resolve(route.abort()))),
  );
  await signIn(page, desk.url);
  const again = page.getByRole('button', { name: /try again|retry/i });
  await expect(again).toBeVisible({ timeout: 20_000 });
  await stillWorks(page);
  // Coming back is a try of its own, which hangs as well.
  await expect(again).toBeVisible({ timeout: 20_000 });
  for (const release of held) release();
  await context.unroute(MANIFEST);
  await recovers(page);
  await context.close();
});

test('one that throws while it renders', async ({ browser, desk }) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  // An answer that no version of the screen expects: it throws while rendering.
  const lists = (url: URL) => url.pathname === '/api/tickets';
  await context.route(lists, (route) =>
    route.fulfill({ json: { items: [{ id: 7, title: { not: 'text' } }], nextCursor: null } }),
  );
  await signIn(page, desk.url);
  const again = page.getByRole('button', { name: /try again|retry/i });
  await expect(again).toBeVisible();
  await stillWorks(page);
  await expect(again).toBeVisible();
  await context.unroute(lists);
  await recovers(page);
  await context.close();
});

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Email').fill(LOGISTICS);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible();
}
