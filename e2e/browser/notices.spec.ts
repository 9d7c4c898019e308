/** Mentions, watching and notifications: who is told, at once and in the other browser, and who never is. */
import type { Locator, Page } from '@playwright/test';
import { AGENT, expect, expectAccessible, expectWritten, LOGISTICS, RETAIL, test } from './desk.ts';

interface Ticket {
  id: string;
  number: number;
}

interface Notices {
  items: { kind: string; number: number }[];
  unread: number;
}

const bell = (page: Page): Locator => page.getByRole('button', { name: /^Notifications, / });
const panel = (page: Page): Locator => page.getByRole('dialog', { name: 'Notifications', exact: true });
const composer = (page: Page): Locator => page.getByRole('region', { name: 'Write' }).getByRole('textbox');

test('who is named in a note is told at once, and nobody else', async ({ browser, desk }) => {
  const admin = await desk.api(LOGISTICS);
  const agent = await desk.api(AGENT);
  const { user } = await agent.get<{ user: { id: string; name: string } }>('/api/me');
  const raised = await admin.call('POST', '/api/tickets', { title: 'Pallet 7 is late' });
  const ticket = JSON.parse(raised.text) as Ticket;

  const page = await desk.signIn(browser, LOGISTICS);
  const other = await desk.signIn(browser, AGENT, { colorScheme: 'dark' });
  const stranger = await desk.signIn(browser, RETAIL);
  const before = (await agent.get<Notices>('/api/notices')).unread;
  const strangers = (await (await desk.api(RETAIL)).get<Notices>('/api/notices')).unread;
  await page.goto(`${desk.url}/tickets/${ticket.id}`);
  await expect(page.getByRole('region', { name: 'Conversation' })).toBeVisible();

  await page.keyboard.press('n');
  await page.keyboard.type('Please look, ');
  await page.keyboard.press('@');
  await expect(page.getByRole('combobox', { name: 'Mention somebody' })).toBeFocused();
  await page.keyboard.type(user.name.slice(0, 4));
  await page.keyboard.press('Enter');
  await expectWritten(composer(page), `Please look, @${user.name} `);
  await expect(composer(page)).toBeFocused();
  await page.keyboard.type('before noon');
  await page.keyboard.press('Control+Enter');
  const conversation = page.getByRole('region', { name: 'Conversation' });
  await expect(conversation.locator('mark')).toHaveText(`@${user.name}`);
  await expectAccessible(page, 'a mention in a note');

  // Live in the other's browser, and in no other company's.
  await expect(bell(other)).toHaveAccessibleName(`Notifications, ${before + 1} unread`);
  await other.keyboard.press('b');
  const told = panel(other).getByRole('link', { name: /mentioned you.*Pallet 7 is late/ });
  await expect(told).toBeVisible();
  await expectAccessible(other, 'notifications, dark');
  await told.click();
  await expect(other).toHaveURL(new RegExp(`/tickets/${ticket.id}`));
  await expect(bell(other)).toHaveAccessibleName(`Notifications, ${before} unread`);
  await expect(other.getByRole('region', { name: 'Conversation' }).locator('mark')).toBeVisible();
  const foreign = stranger.getByRole('button', { name: /^Meldungen, / });
  await expect(foreign).toHaveAccessibleName(`Meldungen, ${strangers} ungelesen`);

  // There is a view of them, and whoever is named watches the ticket.
  await other.setViewportSize({ width: 1600, height: 900 });
  const watchers = other.getByRole('region', { name: 'Watchers' });
  await expect(watchers).toContainText(user.name);
  await other.keyboard.press('w');
  await expect(watchers).not.toContainText(user.name);
  await other.keyboard.press('w');
  await expect(watchers).toContainText(user.name);
  await other
    .getByRole('navigation', { name: 'Views' })
    .getByRole('link', { name: /^Mentioned/ })
    .click();
  await expect(other.getByRole('list', { name: 'Tickets' })).toContainText('Pallet 7 is late');
  for (const one of [page, other, stranger]) await one.context().close();
});

test('a stroke that names nobody stays one', async ({ browser, desk }) => {
  const admin = await desk.api(LOGISTICS);
  const raised = await admin.call('POST', '/api/tickets', { title: 'An address' });
  const page = await desk.signIn(browser, LOGISTICS);
  await page.goto(`${desk.url}/tickets/${(JSON.parse(raised.text) as Ticket).id}`);
  await expect(page.getByRole('region', { name: 'Conversation' })).toBeVisible();
  await page.keyboard.press('r');
  await page.keyboard.type('mail me@here ');
  await expectWritten(composer(page), 'mail me@here ');
  await page.keyboard.press('@');
  await page.keyboard.press('Escape');
  await expectWritten(composer(page), 'mail me@here @');
  await expect(composer(page)).toBeFocused();
  await page.context().close();
});

test('what is switched off is not told, and all can be read at once', async ({ browser, desk }) => {
  const admin = await desk.api(LOGISTICS);
  const agent = await desk.api(AGENT);
  const raised = await admin.call('POST', '/api/tickets', { title: 'Customs papers' });
  const { id } = JSON.parse(raised.text) as Ticket;
  const watched = await agent.call('PUT', `/api/tickets/${id}/watch`);
  expect(watched.status, watched.text).toBe(204);
  const page = await desk.signIn(browser, AGENT, { viewport: { width: 360, height: 740 } });
  const read = await agent.get<Notices>('/api/notices');
  // As it is where the operator has set up a mail server, which is asked for nothing here.
  await page.route('**/api/me/notices', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), sendsEmail: true } });
  });
  await bell(page).click();
  await panel(page).getByRole('button', { name: 'Notification settings' }).click();
  const dialog = page.getByRole('dialog', { name: 'Notification settings' });
  await dialog.getByRole('switch', { name: 'An internal note on one' }).click();
  await dialog.getByRole('combobox', { name: 'By e-mail' }).click();
  await page.getByRole('option', { name: 'Once a day at most' }).click();
  await dialog.getByRole('switch', { name: 'Quiet hours' }).click();
  await expect(dialog.getByLabel('From')).toHaveValue('22:00');
  await dialog.getByLabel('From').fill('20:30');
  await dialog.getByLabel('From').blur();
  await expectAccessible(page, 'notification settings');
  await expect
    .poll(async () => await agent.get('/api/me/notices'))
    .toMatchObject({
      muted: ['noted'],
      email: 'daily',
      sendsEmail: false,
      quietHours: { from: '20:30', to: '07:00' },
    });
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  for (const internal of [true, false]) {
    const said = await admin.call('POST', `/api/tickets/${id}/messages`, { body: 'Hello', internal });
    expect(said.status, said.text).toBe(201);
  }
  await expect(bell(page)).toHaveAccessibleName(`Notifications, ${read.unread + 1} unread`);
  await bell(page).click();
  await expect(panel(page).getByRole('link', { name: /replied.*Customs papers/ })).toBeVisible();
  await expect(panel(page).getByRole('link', { name: /note.*Customs papers/ })).toHaveCount(0);
  await expectAccessible(page, 'notifications on a phone');
  await panel(page).getByRole('button', { name: 'Mark all as read' }).click();
  await expect.poll(async () => (await agent.get<Notices>('/api/notices')).unread).toBe(0);
  await page.keyboard.press('Escape');
  await expect(bell(page)).toHaveAccessibleName('Notifications, 0 unread');
  await page.context().close();
});

test('what is older than a page can be reached', async ({ browser, desk }) => {
  const admin = await desk.api(LOGISTICS);
  const agent = await desk.api(AGENT);
  const { user } = await agent.get<{ user: { id: string } }>('/api/me');
  const raised = await admin.call('POST', '/api/tickets', { title: 'Told of many times' });
  const ticket = JSON.parse(raised.text) as Ticket;
  for (let n = 1; n <= 52; n += 1) {
    const body = { body: `Look at ${n}`, internal: true, mentions: [user.id] };
    const said = await admin.call('POST', `/api/tickets/${ticket.id}/messages`, body);
    expect(said.status, said.text).toBe(201);
  }
  const all = await agent.get<Notices>('/api/notices?limit=100');
  expect(all.items.length).toBeGreaterThanOrEqual(52);
  const page = await desk.signIn(browser, AGENT);
  await page.keyboard.press('b');
  const lines = panel(page).getByRole('listitem');
  await expect(lines).toHaveCount(50);
  await panel(page).getByRole('button', { name: 'Show older' }).click();
  await expect(lines).toHaveCount(all.items.length);
  await expect(panel(page).getByRole('button', { name: 'Show older' })).toHaveCount(0);
  await expectAccessible(page, 'older notifications');
  // What comes in meanwhile goes on top and takes nothing away.
  const body = { body: 'And once more', internal: true, mentions: [user.id] };
  expect((await admin.call('POST', `/api/tickets/${ticket.id}/messages`, body)).status).toBe(201);
  await expect(lines).toHaveCount(all.items.length + 1);
  await page.context().close();
});
