/** Views and the list: filters that are built and saved, links that show the same, many tickets at once. */
import type { Locator, Page } from '@playwright/test';
import { expect, expectAccessible, LOGISTICS, make, test } from './desk.ts';

interface Tickets {
  items: { id: string; number: number; status: string; tags: string[] }[];
}

const main = (page: Page): Locator => page.locator('main');
const rows = (page: Page): Locator => page.getByRole('list', { name: 'Tickets' }).getByRole('link');
const views = (page: Page): Locator => page.getByRole('navigation', { name: 'Views' });

test('a filter is built and saved, is there in the other browser, and its link shows the same', async ({
  browser,
  desk,
}) => {
  const page = await desk.signIn(browser, LOGISTICS);
  const other = await desk.signIn(browser, LOGISTICS, { colorScheme: 'dark' });
  await expect(rows(page).first()).toBeVisible();
  await expect(views(other).getByRole('link', { name: /All open/ })).toBeVisible();

  await views(page).getByRole('link', { name: /^All/ }).last().click();
  await page.keyboard.press('f');
  await page.getByRole('button', { name: 'Conditions in groups…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Filter by conditions' });
  await dialog.getByRole('checkbox', { name: 'Waiting' }).check();
  await dialog.getByRole('button', { name: 'Group' }).click();
  const group = dialog.getByRole('group', { name: 'Group of conditions' });
  await group.getByRole('checkbox', { name: 'Resolved' }).check();
  await group.getByRole('button', { name: 'Condition', exact: true }).click();
  await group.getByRole('checkbox', { name: 'Closed' }).last().check();
  await dialog.getByText('Any of these', { exact: true }).first().click();
  await expectAccessible(page, 'conditions in groups');
  await dialog.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/filter=/);
  const api = await desk.api(LOGISTICS);
  const filter = new URL(page.url()).searchParams.get('filter') ?? '';
  const expected = await api.get<Tickets>(`/api/tickets?limit=100&filter=${encodeURIComponent(filter)}`);
  // The group inside is of any, as the one outside was of all; then it was made of any as well.
  expect(new Set(expected.items.map(({ status }) => status))).toEqual(
    new Set(['waiting', 'resolved', 'closed']),
  );
  // Not all are drawn, but how many there are is known once the last page is there.
  const list = page.getByRole('list', { name: 'Tickets' });
  await expect
    .poll(async () => {
      await list.getByRole('link').last().scrollIntoViewIfNeeded();
      return list.getByRole('listitem').last().getAttribute('aria-setsize');
    })
    .toBe(`${expected.items.length}`);
  // Opened again, the builder shows what it built.
  await page.keyboard.press('f');
  await page.getByRole('button', { name: 'Conditions in groups…' }).click();
  await expect(group.getByRole('checkbox', { name: 'Resolved' }).first()).toBeChecked();
  await dialog.getByRole('button', { name: 'Cancel' }).click();

  await page.getByRole('button', { name: 'Save view' }).click();
  const naming = page.getByRole('dialog', { name: 'Save view' });
  await naming.getByLabel('Name').fill('Not at work');
  await naming.getByRole('checkbox', { name: /Share/ }).check();
  await naming.getByRole('button', { name: 'Save view' }).click();
  await expect(page).toHaveURL(/view=[0-9a-f-]{36}$/);
  const name = new RegExp(`Not at work.*\\b${expected.items.length} tickets`);
  await expect(views(page).getByRole('link', { name })).toHaveAttribute('aria-current', 'page');
  // Live, and with its number.
  await expect(views(other).getByRole('link', { name })).toBeVisible();
  await expectAccessible(other, 'views, dark');

  // The order and the columns are in the address: a link opens the same.
  await page.getByRole('button', { name: /^Sort:/ }).click();
  await page.getByRole('menuitem', { name: 'Oldest first' }).click();
  await page.getByRole('button', { name: 'Columns and density' }).click();
  await page.getByRole('menuitem', { name: 'Raised' }).click();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/sort=createdAt.*columns=.*createdAt/);
  const { items } = await api.get<Tickets>(
    `/api/tickets?limit=100&sort=createdAt&filter=${encodeURIComponent(filter)}`,
  );
  await other.goto(page.url());
  await expect(main(other).getByRole('heading', { level: 1, name: 'Not at work' })).toBeVisible();
  for (const one of [page, other]) {
    // The row's last word is when it was raised.
    await expect(rows(one).first().locator('time')).toHaveCount(2);
    // As many as are drawn, in the order of the address.
    await expect
      .poll(() => rows(one).evaluateAll((links) => links.map((link) => (link as HTMLElement).dataset.ticket)))
      .toEqual(items.slice(0, await rows(one).count()).map(({ id }) => id));
  }
  await expect(other.getByRole('button', { name: 'Sort: Oldest first' })).toBeVisible();

  // Kept as it is now, then removed for everyone.
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page).toHaveURL(/view=[0-9a-f-]{36}$/);
  await expect(page.getByRole('button', { name: 'Sort: Oldest first' })).toBeVisible();
  await page.getByRole('button', { name: 'View options' }).click();
  await page.getByRole('menuitem', { name: 'Remove view' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove view' }).click();
  await expect(views(other).getByRole('link', { name: /Not at work/ })).toHaveCount(0);
  await page.context().close();
  await other.context().close();
});

test('many are changed by one request, deleted, and brought back, by keys alone', async ({
  browser,
  desk,
}) => {
  const page = await desk.signIn(browser, LOGISTICS);
  const { keyboard } = page;
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET' && request.url().includes('/api/tickets')) {
      sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
    }
  });
  await expect(rows(page).first()).toBeVisible();
  await keyboard.press('j');
  await keyboard.press('x');
  await keyboard.press('j');
  await keyboard.press('j');
  await keyboard.press('Shift+X');
  const bar = page.getByRole('region', { name: 'Selected tickets' });
  await expect(bar).toContainText('3 selected');
  const chosen = await rows(page).evaluateAll((links) =>
    links.slice(0, 3).map((link) => (link as HTMLElement).dataset.ticket ?? ''),
  );

  await bar.getByRole('button', { name: 'Tags' }).press('Enter');
  await keyboard.type('pilot');
  await keyboard.press('Enter');
  await expect(page.getByText('3 tickets changed')).toBeVisible();
  expect(sent).toEqual(['POST /api/tickets/bulk']);
  const api = await desk.api(LOGISTICS);
  for (const id of chosen) {
    const { tags } = await api.get<Tickets['items'][0]>(`/api/tickets/${id}`);
    expect(tags).toContain('pilot');
  }
  await expectAccessible(page, 'many selected');

  await bar.getByRole('button', { name: 'Delete' }).press('Enter');
  await expect(page.getByText('3 tickets deleted')).toBeVisible();
  await expect(page.locator(`[data-ticket="${chosen[0]}"]`)).toHaveCount(0);
  for (const id of chosen) expect((await api.call('GET', `/api/tickets/${id}`)).status).toBe(404);
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(page.getByText('3 tickets are back')).toBeVisible();
  for (const id of chosen) expect((await api.call('GET', `/api/tickets/${id}`)).status).toBe(200);
  await expect(page.locator(`[data-ticket="${chosen[0]}"]`)).toBeVisible();
  await page.context().close();
});

test('filters are words, in the search and in the palette', async ({ browser, desk }) => {
  const page = await desk.signIn(browser, LOGISTICS);
  const rows = page.getByRole('list', { name: 'Tickets' }).getByRole('link');
  await expect(rows.first()).toBeVisible();
  await page.keyboard.press('/');
  const search = page.getByRole('searchbox', { name: 'Search tickets' });
  await expect(search).toBeFocused();
  await page.keyboard.type('status:waiting tag:report weekly');
  await page.keyboard.press('Enter');
  await expect(search).toHaveValue('weekly');
  await expect(page).toHaveURL(/status=waiting&tag=report&q=weekly$/);
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText('Request: weekly report of late deliveries by mail');
  await expect(rows.locator('mark')).toHaveText(['weekly']);
  await expectAccessible(page, 'words that were searched for');

  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Search or run a command' });
  await page.keyboard.type('tag:claim status:waiting');
  await expect(palette.getByRole('option', { name: /Damaged goods on arrival/ })).toBeVisible();
  await page.context().close();
});

test('where words stand that are not in a title is said beneath it, in the list and in the palette', async ({
  browser,
  desk,
}) => {
  const api = await desk.api(LOGISTICS);
  for (const title of ['Which animal sat there?', 'Which animal ate it?']) {
    const { id } = await make<{ id: string }>(api, '/api/tickets', { title });
    const body = `A <b>wombat</b>, I think: “${title}”`;
    await make(api, `/api/tickets/${id}/messages`, { body, internal: true });
  }
  const page = await desk.signIn(browser, LOGISTICS);
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === '/api/tickets/matches') asked.push(searchParams.get('ids') ?? '');
  });
  await expect(rows(page).first()).toBeVisible();
  expect(asked).toEqual([]);
  await page.keyboard.press('/');
  await page.keyboard.type('wombat');
  await expect(rows(page)).toHaveCount(2);
  const row = page.getByRole('link', { name: 'Which animal sat there?' });
  const found = 'Internal note: A <b>wombat</b>, I think: “Which animal sat there?”';
  await expect(row).toHaveAccessibleDescription(found);
  await expect(row).toHaveAccessibleName(/^(?!.*wombat)/);
  await expect(rows(page).locator('mark')).toHaveText(['wombat', 'wombat']);
  // For both at once.
  expect(asked.map((ids) => ids.split(',').length)).toEqual([2]);
  await expectAccessible(page, 'where words stand');

  // It is written anew where it changes.
  const { id } = (await api.get<Tickets>('/api/tickets?q=wombat')).items[1] ?? { id: '' };
  await api.call('PATCH', `/api/tickets/${id}`, { description: 'No wombat was seen' });
  await expect(row).toHaveAccessibleDescription('Description: No wombat was seen');

  await page.keyboard.press('Control+k');
  await page.keyboard.type('wombat');
  const option = page.getByRole('option', { name: 'Which animal ate it?' });
  await expect(option).toHaveAccessibleDescription(/^Internal note: A <b>wombat<\/b>, I think/);
  await expect(option).toHaveAccessibleName(/^(?!.*wombat)/);
  await expect(option.locator('mark')).toHaveText('wombat');
  await expectAccessible(page, 'where words stand, in the palette');
  await page.context().close();
});
