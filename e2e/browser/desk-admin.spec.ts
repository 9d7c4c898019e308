/** What agents work with, as its admins see it when nothing is there, nothing comes, or names are odd; on a phone; in German. */
import type { Page } from '@playwright/test';
import { expect, LOGISTICS, RETAIL, test } from './desk.ts';

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** Fails when the page can be moved sideways. */
async function expectNoOverflow(page: Page, what: string): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect.soft(over, what).toBeLessThanOrEqual(0);
}

test('macros, teams, fields and tags say in German that nothing is there, and that it can’t be had', async ({
  browser,
  desk,
}) => {
  const page = await desk.signIn(browser, RETAIL);
  await page.evaluate(() => localStorage.setItem('flowbit-locale', 'de'));
  for (const [path, api, title] of [
    ['/desk', '/api/macros', 'Noch kein Makro'],
    ['/desk/teams', '/api/teams', 'Noch kein Team'],
    ['/desk/fields', '/api/fields', 'Noch kein Feld'],
    ['/desk/tags', '/api/tags', 'Noch kein Schlagwort'],
  ] as const) {
    const empty = { status: 200, json: { items: [] } };
    await page.route(`**${api}`, (route) => route.fulfill(empty));
    await page.goto(desk.url + path);
    await expect(page.getByText(title)).toBeVisible();
    await page.unroute(`**${api}`);

    await page.route(`**${api}`, (route) => route.abort());
    await page.reload();
    const again = page.getByRole('button', { name: 'Noch einmal versuchen' });
    await expect(again, path).toBeVisible();
    await expect(page.getByText('Der Server ist nicht erreichbar').first()).toBeVisible();
    await page.unroute(`**${api}`);
    await again.press('Enter');
    await expect(again).toHaveCount(0);

    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    await page.route(`**${api}`, async (route) => {
      await opened;
      await route.continue();
    });
    await page.reload();
    await expect(page.locator('[aria-busy="true"]').first()).toBeVisible();
    await expect(page.getByText(title)).toHaveCount(0);
    open();
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    await page.unroute(`**${api}`);
  }
  await page.context().close();
});

test('a tag is opened by the keyboard whatever it is called, and one ticket is one', async ({
  browser,
  desk,
}) => {
  const api = await desk.api(LOGISTICS);
  const tags = ['a/b', '100%', '#x?y', 'new', '..'];
  const made = await api.call('POST', '/api/tickets', { title: 'Odd tags', tags });
  expect(made.status, made.text).toBe(201);
  const page = await desk.signIn(browser, LOGISTICS);
  for (const tag of tags) {
    await page.goto(`${desk.url}/desk/tags`);
    await page.getByRole('button', { name: tag, exact: true }).press('Enter');
    const dialog = page.getByRole('dialog', { name: `Tag “${tag}”` });
    await expect(dialog).toBeVisible();
    await page.reload();
    await expect(dialog, `${tag} by its address`).toBeVisible();
  }
  await page.getByRole('button', { name: 'Delete tag …' }).press('Enter');
  await expect(page.getByRole('dialog')).toContainText('1 ticket loses it.');
  await page.keyboard.press('Escape');
  await page.context().close();
});

test('on a phone nothing of it stands outside the page', async ({ browser, desk }) => {
  const api = await desk.api(LOGISTICS);
  const long = 'Donaudampfschifffahrtsgesellschaftskapitänsmütze und was dazu gehört, alles in allem';
  for (const [path, body] of [
    ['/api/macros', { name: long.slice(0, 80), body: long.repeat(5), shared: true }],
    ['/api/admin/teams', { name: long.slice(0, 80) }],
    ['/api/admin/fields', { key: 'x'.repeat(40), label: long.slice(0, 80), kind: 'date' }],
    ['/api/tickets', { title: 'Long tag', tags: ['donaudampfschifffahrtsgesellschaftskapit'] }],
  ] as const) {
    const made = await api.call('POST', path, body);
    expect(made.status, made.text).toBe(201);
  }
  const page = await desk.signIn(browser, LOGISTICS, PHONE);
  await page.evaluate(() => localStorage.setItem('flowbit-locale', 'de'));
  for (const path of [
    '/desk',
    '/desk/new',
    '/desk/teams',
    '/desk/teams/new',
    '/desk/fields',
    '/desk/fields/new',
    '/desk/tags',
    '/desk/tags?tag=donaudampfschifffahrtsgesellschaftskapit',
  ]) {
    await page.goto(desk.url + path);
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    if (/new$|kapit$/.test(path)) await expect(page.getByRole('dialog')).toBeVisible();
    await expectNoOverflow(page, path);
  }
  await page.context().close();
});

test('a field may be called as everything in JavaScript is', async ({ browser, desk }) => {
  const api = await desk.api(LOGISTICS);
  const defined: string[] = [];
  for (const key of ['constructor', 'toString']) {
    const field = { key, label: `The ${key}`, kind: 'text', required: 'solve', shownToRequesters: true };
    const made = await api.call('POST', '/api/admin/fields', field);
    expect(made.status, made.text).toBe(201);
    defined.push((JSON.parse(made.text) as { id: string }).id);
  }
  const made = await api.call('POST', '/api/tickets', { title: 'Nothing in it' });
  const { id } = JSON.parse(made.text) as { id: string };
  const page = await desk.signIn(browser, LOGISTICS);
  await page.goto(`${desk.url}/tickets/${id}`);
  const fields = page.getByRole('region', { name: 'Fields' });
  await expect(fields.getByLabel('The constructor')).toHaveValue('');
  await expect(fields).toContainText('Before this can be resolved: The constructor and The toString');
  // The other files' tests resolve tickets at the same desk.
  for (const field of defined) {
    const off = await api.call('PATCH', `/api/admin/fields/${field}`, { active: false });
    expect(off.status, off.text).toBe(200);
  }
  await page.context().close();
});
