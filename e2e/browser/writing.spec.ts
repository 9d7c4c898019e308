/** What is written is never lost, and what is not saved says so: with a server that refuses, breaks or is away. */
import type { Page } from '@playwright/test';
import {
  AGENT,
  type Api,
  expect,
  expectAccessible,
  expectWritten,
  LOGISTICS,
  openTicket,
  PASSWORD,
  REPLY,
  test,
} from './desk.ts';

interface Ticket {
  id: string;
  number: number;
  description: string;
  priority: string;
}

async function raise(api: Api, title: string): Promise<Ticket> {
  const body = { title, description: 'As it was.', priority: 'normal' };
  const { status, text } = await api.call('POST', '/api/tickets', body);
  expect(status, text).toBe(201);
  return JSON.parse(text) as Ticket;
}

/** The server is gone for the page, sockets and all; returns the way to bring it back. */
async function loseServer(page: Page): Promise<() => Promise<void>> {
  await page.route('**/api/**', (route) => route.abort());
  return () => page.unroute('**/api/**');
}

test('a description is rewritten in place, seen by others at once, and not over theirs', async ({
  browser,
  desk,
}) => {
  const api = await desk.api(LOGISTICS);
  const ticket = await raise(api, 'Description to rewrite');
  const page = await desk.signIn(browser, LOGISTICS);
  const other = await desk.signIn(browser, LOGISTICS);
  await openTicket(page, ticket);
  await openTicket(other, ticket);

  await page.getByRole('button', { name: 'Edit description' }).click();
  await page.getByRole('textbox', { name: 'Description' }).fill('As it is now.');
  await page.keyboard.press('Control+Enter');
  for (const one of [page, other]) {
    await expect(one.getByRole('article').first()).toContainText('As it is now.');
  }
  await expect(page.getByRole('region', { name: 'Conversation' })).toContainText('changed the description');
  expect((await api.get<Ticket>(`/api/tickets/${ticket.id}`)).description).toBe('As it is now.');

  // While one writes, someone else is faster.
  await page.getByRole('button', { name: 'Edit description' }).click();
  const field = page.getByRole('textbox', { name: 'Description' });
  await field.fill('Mine.');
  const theirs = await api.get<Ticket & { version: number }>(`/api/tickets/${ticket.id}`);
  const patch = { description: 'Theirs.', version: theirs.version };
  expect((await api.call('PATCH', `/api/tickets/${ticket.id}`, patch)).status).toBe(200);
  await expect(other.getByRole('article').first()).toContainText('Theirs.');
  await expect(field).toHaveValue('Mine.');
  await page.keyboard.press('Control+Enter');
  const conflict = page.getByRole('alert').filter({ hasText: 'Your change was not saved' });
  await expect(conflict).toContainText('They changed the description');
  expect((await api.get<Ticket>(`/api/tickets/${ticket.id}`)).description).toBe('Theirs.');
  await conflict.getByRole('button', { name: 'Save mine over it' }).click();
  await expect(other.getByRole('article').first()).toContainText('Mine.');
  for (const one of [page, other]) await one.context().close();
});

test('a change that fails is taken back in the open and can be tried again', async ({ browser, desk }) => {
  const api = await desk.api(LOGISTICS);
  const ticket = await raise(api, 'Priority to change');
  const page = await desk.signIn(browser, LOGISTICS);
  await openTicket(page, ticket);
  const details = page.getByRole('complementary', { name: 'Details' });
  const priority = details.getByRole('button', { name: /^Priority/ });
  const back = await loseServer(page);
  await page.keyboard.press('p');
  await page.getByRole('option', { name: 'Urgent' }).click();
  const notice = page.getByRole('listitem').filter({ hasText: `#${ticket.number} was not changed` });
  await expect(notice).toContainText('The server can’t be reached');
  await expect(priority).toContainText('Normal');
  await back();
  await notice.getByRole('button', { name: 'Try again' }).click();
  await expect(priority).toContainText('Urgent');
  await expect.poll(async () => (await api.get<Ticket>(`/api/tickets/${ticket.id}`)).priority).toBe('urgent');
  await page.context().close();
});

test('a reply, a rewritten description and a new ticket outlive a dead server and a reload', async ({
  browser,
  desk,
}) => {
  const api = await desk.api(LOGISTICS);
  const ticket = await raise(api, 'Server away');
  const page = await desk.signIn(browser, LOGISTICS);
  await openTicket(page, ticket);
  const back = await loseServer(page);

  await page.keyboard.press('r');
  await page.keyboard.type('Written while it was away.');
  await page.keyboard.press('Control+Enter');
  const unsent = page.getByRole('article').filter({ hasText: 'Written while it was away.' });
  await expect(unsent).toContainText('Not sent');

  await page.getByRole('button', { name: 'Edit description' }).click();
  await page.getByRole('textbox', { name: 'Description' }).fill('Rewritten while it was away.');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('article').first()).toContainText('not saved');

  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'New ticket' }).click();
  const dialog = page.getByRole('dialog', { name: 'New ticket' });
  await dialog.getByLabel('Title').fill('Raised while it was away');
  await dialog.getByRole('button', { name: /Create ticket/ }).click();
  await expect(dialog.getByRole('alert')).toContainText('Nothing that you wrote is lost');

  await back();
  await openTicket(page, ticket);
  await expect(unsent).toContainText('Not sent');
  await unsent.getByRole('button', { name: 'Send again' }).click();
  await expect(unsent).not.toContainText('Not sent');
  const description = page.getByRole('article').first();
  await description.getByRole('button', { name: 'Go on editing' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(description).toContainText('Rewritten while it was away.');
  await expect(description).not.toContainText('not saved');
  await page.keyboard.press('c');
  await expect(dialog.getByLabel('Title')).toHaveValue('Raised while it was away');

  const { items } = await api.get<{ items: { body: string }[] }>(`/api/tickets/${ticket.id}/messages`);
  expect(items.map(({ body }) => body)).toEqual(['Written while it was away.']);
  await page.context().close();
});

test('who is signed out while writing finds the text again, and need not type the address', async ({
  browser,
  desk,
}) => {
  const admin = await desk.api(LOGISTICS);
  const email = `writer.${Date.now()}@logisticsco.com`;
  const person = { email, name: 'Wri Ter', role: 'agent', password: PASSWORD };
  const { status, text } = await admin.call('POST', '/api/admin/users', person);
  expect(status, text).toBe(201);
  const { id } = JSON.parse(text) as { id: string };
  const ticket = await raise(admin, 'Signed out meanwhile');
  const page = await desk.signIn(browser, email);
  await openTicket(page, ticket);
  await page.keyboard.press('r');
  await page.keyboard.type('Half a sentence');
  for (const active of [false, true]) {
    expect((await admin.call('PATCH', `/api/admin/users/${id}`, { active })).status).toBe(200);
  }
  await expect(page.getByText('Your session has ended')).toBeVisible();
  await expect(page.getByLabel('Email')).toHaveValue(email);
  await expect(page.getByLabel('Password', { exact: true })).toBeFocused();
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expectWritten(page.getByRole('textbox', { name: REPLY }), 'Half a sentence');
  await page.context().close();
});

test('an answer waits when somebody else has answered meanwhile, and shows it first', async ({
  browser,
  desk,
}) => {
  const api = await desk.api(LOGISTICS);
  const colleague = await desk.api(AGENT);
  const ticket = await raise(api, 'Two answer at once');
  const page = await desk.signIn(browser, LOGISTICS);
  await openTicket(page, ticket);
  const conversation = page.getByRole('region', { name: 'Conversation' });
  const path = `/api/tickets/${ticket.id}/messages`;
  await page.getByRole('textbox', { name: REPLY }).fill('It leaves tomorrow.');
  // It comes in the moment before: this browser has not even asked for it yet.
  let show = () => {};
  const shown = new Promise<void>((resolve) => {
    show = resolve;
  });
  await page.route(`**${path}*`, async (route) => {
    if (route.request().method() === 'GET') await shown;
    await route.continue();
  });
  const theirs = await colleague.call('POST', path, { body: 'It has left already.' });
  expect(theirs.status, theirs.text).toBe(201);
  const refused = page.waitForResponse(`**${path}`);
  await page.keyboard.press('Control+Enter');
  expect((await refused).status()).toBe(409);
  show();

  const waiting = conversation.getByRole('alert');
  await expect(waiting).toContainText('Someone has written meanwhile');
  const said = conversation.getByRole('article');
  await expect(said.filter({ hasText: 'It has left already.' })).toBeVisible();
  await expect(said.last()).toContainText('It leaves tomorrow.');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, `an answer that waits, ${colorScheme}`);
  }
  const bodies = async () => {
    const { items } = await api.get<{ items: { body: string }[] }>(path);
    return items.map(({ body }) => body);
  };
  expect(await bodies()).toEqual(['It has left already.']);

  // Whoever has read it sends all the same, once.
  await waiting.getByRole('button', { name: 'Send anyway' }).click();
  await expect(waiting).toHaveCount(0);
  await expect(said.last()).toContainText('It leaves tomorrow.');
  // It stands there before the server has it.
  await expect.poll(bodies).toEqual(['It has left already.', 'It leaves tomorrow.']);
  await page.context().close();
});
