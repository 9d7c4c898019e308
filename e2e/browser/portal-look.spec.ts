/** The requester's own screen as it looks: in both themes, from a phone to 4K, in German, and however long a word is. */
import type { Browser, Page } from '@playwright/test';
import {
  conversation,
  type Desk,
  expect,
  expectAccessible,
  invite,
  LOGISTICS,
  make,
  RETAIL,
  test,
} from './desk.ts';
import { PHONE, requests, setStatus, type Ticket } from './requests.ts';

/** What axe finds, and what is wider than the window. */
async function expectSound(page: Page, what: string): Promise<void> {
  await expectAccessible(page, what);
  const cut = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const main = document.querySelector('main');
    return scrollWidth > clientWidth || (main !== null && main.scrollWidth > main.clientWidth);
  });
  expect.soft(cut, `${what}: cut off`).toBe(false);
}

async function look(browser: Browser, desk: Desk, options: Parameters<Desk['signIn']>[2], what: string) {
  const { email, api } = await invite(desk);
  const page = await desk.signIn(browser, email, options);
  await expect(page.getByRole('heading', { name: 'How can we help?' })).toBeVisible();
  await expectSound(page, `nothing yet, ${what}`);
  const admin = await desk.api(LOGISTICS);
  const long = 'A_word_that_is_longer_than_every_phone_is_wide_and_goes_on_and_on_and_on_until_it_ends';
  const raised = await make<Ticket>(api, '/api/tickets', { title: `Solved ${long}`, description: long });
  await make(admin, `/api/tickets/${raised.id}/messages`, { body: `See https://example.com/${long}` });
  await setStatus(admin, raised, 'resolved');
  const open = await make<Ticket>(api, '/api/tickets', { title: 'Waits for somebody', priority: 'high' });
  await setStatus(admin, open, 'waiting');
  await expect(requests(page).getByRole('link')).toHaveCount(1);
  await page.getByRole('link', { name: /^All/ }).click();
  await expect(requests(page).getByRole('link')).toHaveCount(2);
  await expectSound(page, `the list, ${what}`);
  await page
    .getByRole('link', { name: /^Solved A_word|Solved$|A_word/ })
    .last()
    .click();
  await expect(page.getByText(/^Not solved\? Answer/)).toBeVisible();
  await expect(conversation(page)).toContainText('https://example.com');
  await expectSound(page, `a solved one, ${what}`);
  await page.goto(`${desk.url}/requests/new`);
  await page.getByRole('button', { name: 'Send request' }).click();
  await expect(page.getByText('Say in a few words what it is about.')).toBeVisible();
  await expectSound(page, `a new one, ${what}`);
  await page.context().close();
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`nothing for axe to find, nothing cut off: ${colorScheme}`, async ({ browser, desk }) => {
    const small = { ...PHONE, viewport: { width: 360, height: 740 }, colorScheme };
    await look(browser, desk, small, `${colorScheme}, phone`);
    await look(browser, desk, { viewport: { width: 3840, height: 2160 }, colorScheme }, `${colorScheme}, 4K`);
  });
}

test('in German, with its own words', async ({ browser, desk }) => {
  const { email, api } = await invite(desk, 'retailgmbh.com');
  await make(await desk.api(RETAIL), '/api/admin/fields', {
    key: `kasse${Date.now()}`,
    label: 'Kasse',
    kind: 'choice',
    options: ['1', '2'],
    required: 'create',
    shownToRequesters: true,
  });
  const page = await desk.signIn(browser, email, PHONE);
  await page.getByRole('link', { name: 'Neue Anfrage' }).first().tap();
  await page.getByRole('textbox', { name: 'Worum geht es?' }).fill('Die Kasse klemmt');
  await page.getByRole('button', { name: 'Anfrage senden' }).tap();
  await expect(page.getByText('Das brauchen wir, um Ihnen zu helfen.')).toBeVisible();
  await page.getByRole('combobox', { name: 'Kasse' }).tap();
  await page.getByRole('option', { name: '2' }).tap();
  await page.getByRole('button', { name: 'Anfrage senden' }).tap();
  await expect(page.getByRole('heading', { level: 1, name: 'Die Kasse klemmt' })).toBeVisible();
  await expect(page.getByText('Eingegangen')).toBeVisible();
  const { items } = await api.get<{ items: { customFields: Record<string, string> }[] }>('/api/tickets');
  expect(Object.values(items[0]?.customFields ?? {})).toEqual(['2']);
  await page.context().close();
});
