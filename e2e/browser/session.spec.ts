/** Signing in and out, invitations, roles: what a person meets at the door. */
import { Desk, expect, LOGISTICS, PASSWORD, test } from './desk.ts';

test('a wrong password is refused in words and gives nothing away', async ({ browser, desk }) => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(desk.url);
  const texts: string[] = [];
  for (const email of [LOGISTICS, 'nobody@logisticsco.com']) {
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const alert = page.getByRole('alert');
    await expect(alert).toBeVisible();
    texts.push(((await alert.textContent()) ?? '').trim());
  }
  expect(texts[0]).toBe(texts[1]);
  expect(texts[0]).not.toBe('');
  await page.context().close();
});

test('signing out ends it in every tab, and the session is kept over a reload until then', async ({
  browser,
  desk,
}) => {
  const page = await desk.signIn(browser, LOGISTICS);
  const other = await page.context().newPage();
  await other.goto(desk.url);
  await expect(other.getByRole('navigation', { name: 'Screens' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('navigation', { name: 'Screens' })).toBeVisible();
  await page.getByRole('button', { name: /^Menu of/ }).click();
  await page.getByRole('menuitem', { name: /sign out/i }).click();
  for (const tab of [page, other]) await expect(tab.getByLabel('Email')).toBeVisible();
  await page.context().close();
});

test('an invited requester chooses a password and sees only what is theirs', async ({ browser, desk }) => {
  const admin = await desk.api(LOGISTICS);
  const email = `invited.${Date.now()}@logisticsco.com`;
  const { status, text } = await admin.call('POST', '/api/admin/users', {
    email,
    name: 'Ina Vited',
    role: 'user',
  });
  expect(status, text).toBe(201);
  const { invitation } = JSON.parse(text) as { invitation: { url: string } };
  const page = await (await browser.newContext()).newPage();
  await page.goto(invitation.url);
  for (const field of await page.locator('input[type=password]').all()) await field.fill(PASSWORD);
  await page.locator('form').getByRole('button').last().click();
  const screens = page.getByRole('navigation', { name: 'Screens' });
  await expect(screens.getByRole('link')).toHaveText(['My requests']);
  await expect(page.getByRole('heading', { name: 'How can we help?' })).toBeVisible();
  await expect(page.getByRole('navigation', { name: 'Views' })).toHaveCount(0);
  await expect(page.locator('main')).not.toContainText('#38');
  // The desk is not theirs, by its address neither.
  await page.goto(`${desk.url}/tickets`);
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  // The link is good once.
  const again = await (await browser.newContext()).newPage();
  await again.goto(invitation.url);
  for (const field of await again.locator('input[type=password]').all()) await field.fill(PASSWORD);
  await again.locator('form').getByRole('button').last().click();
  await expect(again.getByRole('alert')).toBeVisible();
  await page.context().close();
  await again.context().close();
});

test('someone who is disabled is out at once, in the middle of their work', async ({ browser, desk }) => {
  const admin = await desk.api(LOGISTICS);
  const email = `leaver.${Date.now()}@logisticsco.com`;
  const body = { email, name: 'Lea Ver', role: 'agent', password: PASSWORD };
  const { status, text } = await admin.call('POST', '/api/admin/users', body);
  expect(status, text).toBe(201);
  const page = await desk.signIn(browser, email);
  await expect(page.getByRole('list', { name: 'Tickets' })).toBeVisible();
  const { id } = JSON.parse(text) as { id: string };
  expect((await admin.call('PATCH', `/api/admin/users/${id}`, { active: false })).status).toBe(200);
  await expect(page.getByLabel('Email')).toBeVisible();
  await page.context().close();
});

test('without its server a page says so, can be read, and is live again by itself', async ({ browser }) => {
  const desk = await Desk.start({ n8n: false });
  const page = await desk.signIn(browser, LOGISTICS);
  const header = page.getByRole('status').filter({ hasText: /Live|Offline/ });
  const banner = page.getByRole('status').filter({ hasText: 'The connection is gone.' });
  await expect(header).toHaveText('Live');
  await expect(banner).toBeHidden();
  // The shell is live before the screen's own program is here, which nobody could load any more.
  await expect(page.getByRole('list', { name: 'Tickets' })).toBeVisible();
  await desk.kill();
  await expect(banner).toBeVisible();
  await expect(header).toContainText(/^Offline since \d/);
  await expect(page.getByRole('list', { name: 'Tickets' })).toBeVisible();
  await desk.begin();
  await expect(header).toHaveText('Live');
  await expect(banner).toBeHidden();
  // What was raised since comes without a reload.
  const title = 'Raised after the cut';
  expect((await (await desk.api(LOGISTICS)).call('POST', '/api/tickets', { title })).status).toBe(201);
  await expect(page.getByRole('link', { name: new RegExp(title) })).toBeVisible();
  await page.context().close();
  await desk.stop();
});
