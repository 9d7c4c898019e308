/** Tickets that have to do with each other: linked and unlinked by the staff, and seen at both at once. */
import type { Page } from '@playwright/test';
import { AGENT, expect, expectAccessible, LOGISTICS, make, openTicket, PASSWORD, test } from './desk.ts';

interface Ticket {
  id: string;
  number: number;
}

const panel = (page: Page) => page.getByRole('region', { name: 'Linked tickets' });

test('tickets are linked by keys, lead to each other, and are unlinked', async ({ browser, desk }) => {
  const admin = await desk.api(LOGISTICS);
  const email = `asker.${Date.now()}@logisticsco.com`;
  await make(admin, '/api/admin/users', { email, name: 'As Ker', role: 'user', password: PASSWORD });
  const first = await make<Ticket>(await desk.api(email), '/api/tickets', { title: 'Forklift stands still' });
  const second = await make<Ticket>(admin, '/api/tickets', { title: 'Battery of the forklift is worn' });
  const page = await desk.signIn(browser, AGENT);
  const other = await desk.signIn(browser, LOGISTICS, { colorScheme: 'dark' });
  const requester = await desk.signIn(browser, email);
  await openTicket(page, first);
  await openTicket(other, second);
  await openTicket(requester, first);
  await expect(panel(page)).toContainText('None yet.');
  await expect(panel(requester)).toHaveCount(0);

  // Of whoever they are: the staff sees both.
  await page.keyboard.press('Shift+L');
  const dialog = page.getByRole('dialog', { name: `Link a ticket with #${first.number}` });
  await expect(dialog.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('battery worn');
  await expect(dialog.getByRole('option')).toHaveText([/Battery of the forklift is worn/]);
  await expectAccessible(page, 'choosing a ticket to link');
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  const link = panel(page).getByRole('link', { name: /Battery of the forklift is worn/ });
  await expect(link).toBeVisible();
  await expect(panel(other).getByRole('link', { name: /Forklift stands still/ })).toBeVisible();
  for (const one of [page, other]) {
    await expect(one.getByRole('region', { name: 'Conversation' })).toContainText('linked this with #');
    await expect(one.getByRole('region', { name: 'History' })).toContainText('linked this with #');
  }
  await expect(requester.getByRole('region', { name: 'Conversation' })).not.toContainText('linked');
  await expectAccessible(page, 'a linked ticket');
  await expectAccessible(other, 'a linked ticket, dark');

  // Where the other one stands is seen here.
  const waits = await admin.call('PATCH', `/api/tickets/${second.id}`, { status: 'waiting' });
  expect(waits.status, waits.text).toBe(200);
  await expect(panel(page).getByTitle('Waiting')).toBeVisible();
  await link.press('Enter');
  await expect(
    page.getByRole('heading', { level: 1, name: 'Battery of the forklift is worn' }),
  ).toBeFocused();
  const back = panel(page).getByRole('link', { name: /Forklift stands still/ });
  await back.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Forklift stands still' })).toBeFocused();

  // What could not be done is taken back in the open.
  const unlink = panel(page).getByRole('button', { name: `Unlink #${second.number}` });
  await page.route('**/links', (route) => route.abort());
  await unlink.press('Enter');
  await expect(page.getByText(`#${second.number} is still linked`)).toBeVisible();
  await expect(link).toBeVisible();
  await page.unroute('**/links');

  await unlink.press('Enter');
  await expect(panel(page).getByRole('button', { name: 'Link a ticket' })).toBeFocused();
  for (const one of [page, other]) await expect(panel(one)).toContainText('None yet.');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(link).toBeVisible();
  await expect(panel(other).getByRole('link', { name: /Forklift stands still/ })).toBeVisible();

  // The palette does the same.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('unlink');
  await page.keyboard.press('Enter');
  for (const one of [page, other]) await expect(panel(one)).toContainText('None yet.');
  for (const one of [page, other, requester]) await one.context().close();
});
