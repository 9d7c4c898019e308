/** Tickets that are put aside: out of the way until their time or a reply comes, for everybody who works on them. */
import type { Locator, Page } from '@playwright/test';
import { AGENT, conversation, expect, expectAccessible, LOGISTICS, make, openTicket, test } from './desk.ts';

/** Only raises tickets, at LogisticsCo. */
const REQUESTER = 'tom.okafor@logisticsco.com';

interface Ticket {
  id: string;
  number: number;
  snooze: { since: string; until: string | null } | null;
}

const rows = (page: Page): Locator => page.getByRole('list', { name: 'Tickets' }).getByRole('link');
const row = (page: Page, { id }: Ticket): Locator => page.locator(`[data-ticket="${id}"]`);
/** Says of the open ticket that it is snoozed. */
const line = (page: Page): Locator => page.getByRole('region', { name: 'Snooze' });
const menu = (page: Page): Locator => page.getByRole('combobox', { name: 'Snooze' });

/** A list holds still for as long as somebody points at it. */
async function pointElsewhere(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
}

async function choose(page: Page, words: string): Promise<void> {
  await expect(menu(page)).toBeFocused();
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
}

test('a ticket is snoozed until its requester replies, and then it is back', async ({ browser, desk }) => {
  const requester = await desk.api(REQUESTER);
  const agent = await desk.api(AGENT);
  const ticket = await make<Ticket>(requester, '/api/tickets', { title: 'Which forms do you need?' });
  const path = `/api/tickets/${ticket.id}`;
  const { user } = await agent.get<{ user: { id: string } }>('/api/me');
  const taken = await agent.call('PATCH', path, { assigneeId: user.id });
  expect(taken.status, taken.text).toBe(200);

  const page = await desk.signIn(browser, AGENT);
  const other = await desk.signIn(browser, LOGISTICS, { colorScheme: 'dark' });
  await page.goto(`${desk.url}/tickets/${ticket.id}?view=mine`);
  await expect(conversation(page)).toBeVisible();
  for (const one of [page, other]) {
    await pointElsewhere(one);
    await expect(row(one, ticket)).toBeVisible();
  }

  await page.keyboard.press('z');
  await expect(menu(page)).toBeFocused();
  await expectAccessible(page, 'until when to snooze');
  await choose(page, 'until they');
  await expect(line(page)).toContainText('Snoozed until they reply');
  await expect(page.getByText(`#${ticket.number} is snoozed until they reply`)).toBeVisible();
  await expectAccessible(page, 'a snoozed ticket');

  // Out of what is left to do, in the other browser as well, where it is found among what is snoozed.
  await expect(row(page, ticket)).toHaveCount(0);
  await expect(row(other, ticket)).toHaveCount(0);
  const snoozed = other.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: /^Snoozed/ });
  await expect(snoozed).toContainText('1 ticket');
  await snoozed.click();
  await pointElsewhere(other);
  await expect(row(other, ticket)).toContainText('Snoozed until they reply');
  await expectAccessible(other, 'what is snoozed, dark');
  expect((await agent.get<Ticket>(path)).snooze).toMatchObject({ until: null });
  expect((await requester.get<Ticket>(path)).snooze).toBeNull();

  await make(requester, `${path}/messages`, { body: 'All three of them.' });
  await expect(conversation(page)).toContainText('woke it with the reply');
  await expect(line(page)).toHaveCount(0);
  await expect(row(page, ticket)).toBeVisible();
  await expect(row(other, ticket)).toHaveCount(0);
  await expect(other.getByText('Nothing is snoozed')).toBeVisible();
  await expectAccessible(other, 'nothing is snoozed, dark');
  for (const one of [page, other]) await one.context().close();
});

test('snoozed by keys until a time of one’s own clock, undone, and woken by hand', async ({
  browser,
  desk,
}) => {
  const api = await desk.api(AGENT);
  const ticket = await make<Ticket>(api, '/api/tickets', { title: 'The report comes next week' });
  const until = async () => (await api.get<Ticket>(`/api/tickets/${ticket.id}`)).snooze?.until ?? null;
  const page = await desk.signIn(browser, AGENT, {
    viewport: { width: 1600, height: 900 },
    timezoneId: 'Asia/Kolkata',
  });
  const { keyboard } = page;
  await openTicket(page, ticket);

  // Nine in the morning there.
  await keyboard.press('z');
  await choose(page, 'tomorrow');
  await expect(line(page)).toContainText(/Snoozed until .*0?9:00/);
  await expect.poll(until).toMatch(/T03:30:00\.000Z$/);
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(line(page)).toHaveCount(0);
  await expect.poll(until).toBeNull();

  // A time of one's own, which must be to come.
  await keyboard.press('z');
  await choose(page, 'pick a date');
  const dialog = page.getByRole('dialog', { name: 'Snooze until' });
  const field = dialog.getByLabel('Back on');
  await expect(field).toBeFocused();
  await field.fill('2020-01-31T10:15');
  await keyboard.press('Enter');
  await expect(field).toHaveAccessibleDescription(/That is over already/);
  await expectAccessible(page, 'until a time that is over');
  const day = new Date(Date.now() + 20 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  await field.fill(`${day}T10:15`);
  await keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect.poll(until).toBe(`${day}T04:45:00.000Z`);
  await expect(line(page)).toContainText(/Snoozed until .*10:15/);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectAccessible(page, 'a snoozed ticket on a phone');
  await page.setViewportSize({ width: 1600, height: 900 });

  await line(page).getByRole('button', { name: 'Wake now' }).press('Enter');
  await expect(page.getByRole('heading', { name: 'The report comes next week' })).toBeFocused();
  await expect(line(page)).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'History' })).toContainText('woke it');
  await expect.poll(until).toBeNull();

  // The palette does it as well, and the first that the menu offers is the way back.
  await keyboard.press('Control+k');
  await keyboard.type('snooze until they reply');
  await keyboard.press('Enter');
  await expect(line(page)).toContainText('Snoozed until they reply');
  await keyboard.press('z');
  await choose(page, '');
  await expect(line(page)).toHaveCount(0);
  await page.context().close();
});

test('a ticket comes back by itself when its time has come, and its people are told', async ({
  browser,
  desk,
}) => {
  const api = await desk.api(AGENT);
  const ticket = await make<Ticket>(api, '/api/tickets', { title: 'Ask the carrier again' });
  const page = await desk.signIn(browser, AGENT);
  await openTicket(page, ticket);
  const soon = new Date(Date.now() + 2000).toISOString();
  const put = await api.call('PATCH', `/api/tickets/${ticket.id}`, { snooze: { until: soon } });
  expect(put.status, put.text).toBe(200);
  await expect(conversation(page)).toContainText('Flowbit woke it because its time had come', {
    timeout: 20_000,
  });
  await expect(line(page)).toHaveCount(0);
  await page.keyboard.press('b');
  const told = page
    .getByRole('dialog', { name: 'Notifications', exact: true })
    .getByRole('link', { name: /A snoozed ticket is back.*Ask the carrier again/ });
  await expect(told).toBeVisible();
  await page.context().close();
});

test('many are snoozed by one request, found by words, and put back', async ({ browser, desk }) => {
  const page = await desk.signIn(browser, LOGISTICS);
  const { keyboard } = page;
  await expect(rows(page).first()).toBeVisible();
  for (const key of ['j', 'x', 'j', 'x']) await keyboard.press(key);
  const bar = page.getByRole('region', { name: 'Selected tickets' });
  await expect(bar).toContainText('2 selected');
  const chosen = await rows(page).evaluateAll((links) =>
    links.slice(0, 2).map((link) => (link as HTMLElement).dataset.ticket ?? ''),
  );
  await bar.getByRole('button', { name: 'Snooze' }).press('Enter');
  await choose(page, 'in a week');
  await expect(page.getByText('2 tickets snoozed')).toBeVisible();
  const api = await desk.api(LOGISTICS);
  for (const id of chosen) {
    expect((await api.get<Ticket>(`/api/tickets/${id}`)).snooze?.until).toEqual(expect.any(String));
  }
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await expect(page.getByText('2 tickets changed')).toBeVisible();
  for (const id of chosen) expect((await api.get<Ticket>(`/api/tickets/${id}`)).snooze).toBeNull();

  const [first = ''] = chosen;
  const put = await api.call('PATCH', `/api/tickets/${first}`, { snooze: { until: null } });
  expect(put.status, put.text).toBe(200);
  await keyboard.press('/');
  await keyboard.type('is:snoozed ');
  await expect(page).toHaveURL(/snoozed=true/);
  await expect(rows(page)).toHaveCount(1);
  await expect(page.locator(`[data-ticket="${first}"]`)).toContainText('Snoozed until they reply');
  await page.context().close();
});
