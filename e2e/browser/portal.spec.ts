/** The requester's own screen: on a phone, by keyboard alone, beside an agent at the desk, and nobody else's to see. */
import type { Page } from '@playwright/test';
import {
  AGENT,
  composer,
  conversation,
  expect,
  expectAccessible,
  invite,
  LOGISTICS,
  make,
  openTicket,
  REPLY,
  test,
} from './desk.ts';
import { PHONE, requests, setStatus, type Ticket } from './requests.ts';

/** One pixel. */
const PICTURE = {
  name: 'gate.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
};
const DOCUMENT = { name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('Gate 4, on the left.') };

const answer = (page: Page) => page.getByRole('textbox', { name: 'Write an answer' });
const state = (page: Page) =>
  page.getByRole('main').getByRole('banner').or(page.locator('main section > header'));

test('a request is raised on a phone, answered at the desk, solved, and opened again', async ({
  browser,
  desk,
}) => {
  const { email, api } = await invite(desk);
  const phone = await desk.signIn(browser, email, PHONE);
  const agent = await desk.signIn(browser, AGENT);
  await phone.evaluate(() => Object.assign(window, { untouched: true }));
  await expect(phone.getByRole('heading', { name: 'How can we help?' })).toBeVisible();

  await phone.getByRole('link', { name: 'New request' }).first().tap();
  const form = phone.getByRole('form', { name: 'New request' });
  await form.getByRole('button', { name: 'Send request' }).tap();
  await expect(form.getByRole('textbox', { name: 'What is it about?' })).toBeFocused();
  await expect(form).toContainText('Say in a few words what it is about.');
  const title = `Gate ${Date.now()} does not open`;
  await form.getByRole('textbox', { name: 'What is it about?' }).fill(title);
  await form.getByRole('textbox', { name: 'What happened?' }).fill('The lorry waits since six.');
  await form.locator('input[type=file]').setInputFiles([PICTURE, DOCUMENT]);
  await expect(form.getByRole('list', { name: 'Files to send' }).getByRole('listitem')).toHaveCount(2);
  await form.getByRole('button', { name: 'Remove plan.txt' }).tap();
  await form.getByRole('button', { name: 'Send request' }).tap();
  await expect(phone.getByRole('heading', { level: 1, name: title })).toBeVisible();
  await expect(conversation(phone)).toContainText('The lorry waits since six.');
  const opening = conversation(phone).getByRole('article').first();
  await expect(opening.getByRole('button', { name: /^Show gate\.png/ })).toBeVisible();
  await opening.getByRole('button', { name: /^Show gate\.png/ }).tap();
  const preview = phone.getByRole('dialog', { name: 'gate.png' });
  await expect(preview.getByRole('img', { name: 'gate.png' })).toBeVisible();
  await preview.getByRole('button', { name: 'Close' }).tap();
  const id = new URL(phone.url()).pathname.split('/').at(-1) ?? '';
  const ticket = await api.get<Ticket>(`/api/tickets/${id}`);

  // Files go with an answer as well, and are another's to save.
  await composer(phone).locator('input[type=file]').setInputFiles([DOCUMENT]);
  await answer(phone).fill('And this is where.');
  await phone.getByRole('button', { name: 'Send', exact: true }).tap();
  await expect(
    conversation(phone)
      .getByRole('article')
      .last()
      .getByRole('button', { name: /^Download plan\.txt/ }),
  ).toBeVisible();
  await expect(phone.getByRole('list', { name: 'Files to send' })).toHaveCount(0);

  // At the desk at once; what is answered there is here at once, without a reload.
  await openTicket(agent, ticket);
  await agent.getByRole('textbox', { name: REPLY }).fill('We open it by hand. Drive to gate 5.');
  await agent.keyboard.press('Control+Enter');
  const said = conversation(phone).getByRole('article');
  await expect(said.last()).toContainText('We open it by hand. Drive to gate 5.');
  await expect(phone.getByRole('status').filter({ hasText: 'New answer from Anna Berg' })).toHaveCount(1);

  // An internal note is not.
  await make(await desk.api(AGENT), `/api/tickets/${id}/messages`, { body: 'A quokka note', internal: true });
  await answer(phone).fill('It is open now, thank you.');
  await phone.getByRole('button', { name: 'Send', exact: true }).tap();
  await expect(said.last()).toContainText('It is open now, thank you.');
  await expect(said.last()).toContainText('You');
  await expect(answer(phone)).toHaveValue('');
  await expect(conversation(agent)).toContainText('It is open now, thank you.');
  await expect(conversation(phone)).not.toContainText('quokka');

  await setStatus(await desk.api(AGENT), ticket, 'resolved');
  await expect(state(phone)).toContainText('Solved');
  await expect(phone.getByText(/^Not solved\? Answer/)).toBeVisible();
  await answer(phone).fill('It is stuck again.');
  await phone.getByRole('button', { name: 'Send', exact: true }).tap();
  await expect(state(phone)).toContainText('We have it');
  await expect(conversation(phone)).toContainText('Opened again');
  await expect(phone.getByText(/^Not solved\? Answer/)).toHaveCount(0);
  expect((await api.get<Ticket>(`/api/tickets/${id}`)).status).toBe('open');
  await expect(agent.getByRole('complementary', { name: 'Details' })).toContainText('Open');

  await phone.getByRole('link', { name: 'Back to my requests' }).tap();
  await expect(requests(phone).getByRole('link')).toHaveCount(1);
  expect(await phone.evaluate(() => 'untouched' in window)).toBe(true);
  for (const one of [phone, agent]) await one.context().close();
});

test('after the time that the company has set, a solved request is closed, and followed by another', async ({
  browser,
  desk,
}) => {
  const admin = await desk.api(LOGISTICS);
  const { email, api } = await invite(desk);
  const ticket = await make<Ticket>(api, '/api/tickets', { title: 'The scale is wrong' });
  await setStatus(admin, ticket, 'resolved');
  const page = await desk.signIn(browser, email);
  await page.goto(`${desk.url}/requests/${ticket.id}`);
  await expect(page.getByText(/^Not solved\? Answer until .+ to reopen it\.$/)).toBeVisible();
  await answer(page).fill('It is wrong again.');

  // An admin sets it while the answer is being written.
  const desktop = await desk.signIn(browser, LOGISTICS);
  await desktop.goto(`${desk.url}/desk`);
  await desktop.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Requests' }).click();
  const days = desktop.getByRole('textbox', { name: 'Days after it was solved' });
  await expect(days).toHaveValue('30');
  await days.fill('366');
  await desktop.getByRole('button', { name: 'Save' }).click();
  await expect(desktop.getByText('A whole number of days, from 1 to 365.')).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await desktop.emulateMedia({ colorScheme });
    await expectAccessible(desktop, `how long requests can be reopened, ${colorScheme}`);
  }
  await desktop.getByRole('radio', { name: 'Never' }).check();
  await desktop.getByRole('button', { name: 'Save' }).click();
  await expect(desktop.getByText('Saved', { exact: true })).toBeVisible();
  expect(await admin.get('/api/admin/settings')).toMatchObject({ reopenDays: 0 });
  await desktop.goto(`${desk.url}/audit`);
  await expect(desktop.locator('main')).toContainText('Settings changed');

  // The page still shows what was: the server refuses, and the page says what to do.
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByText('This request is closed.')).toBeVisible();
  await expect(answer(page)).toHaveCount(0);
  expect((await api.get<{ items: unknown[] }>(`/api/tickets/${ticket.id}/messages`)).items).toEqual([]);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page, `a request that is over, ${colorScheme}`);
  }
  await page.getByRole('link', { name: 'Raise a follow-up' }).click();
  const form = page.getByRole('form', { name: `Follow-up to #${ticket.number}` });
  await expect(form.getByRole('textbox', { name: 'What is it about?' })).toHaveValue(
    `Follow-up to #${ticket.number}: The scale is wrong`,
  );
  await expect(form.getByRole('textbox', { name: 'What happened?' })).toHaveValue('It is wrong again.');
  await form.getByRole('button', { name: 'Send request' }).click();
  await expect(page.getByRole('heading', { level: 1, name: /^Follow-up to/ })).toBeVisible();
  await page.goto(`${desk.url}/requests/${ticket.id}`);
  await expect(page.getByText('This request is closed.')).toBeVisible();

  // Without a limit it is open again to an answer.
  await desktop.goto(`${desk.url}/desk/requests`);
  await expect(desktop.getByRole('radio', { name: 'Never' })).toBeChecked();
  await desktop.getByRole('radio', { name: 'Always' }).check();
  await desktop.getByRole('button', { name: 'Save' }).click();
  await expect(desktop.getByText('Saved', { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByText('Not solved? Answer to reopen it.')).toBeVisible();
  const { version } = await admin.get<{ version: number }>('/api/admin/settings');
  const back = await admin.call('PATCH', '/api/admin/settings', { reopenDays: 30, version });
  expect(back.status, back.text).toBe(200);

  // It is the admins' to set.
  const agent = await desk.signIn(browser, AGENT);
  await agent.goto(`${desk.url}/desk/requests`);
  await expect(agent.locator('main').getByRole('heading').first()).toBeVisible();
  await expect(agent.getByRole('radio', { name: 'Always' })).toHaveCount(0);
  for (const one of [page, desktop, agent]) await one.context().close();
});

test('nobody else sees a request, of the same company or of another', async ({ browser, desk }) => {
  const { api } = await invite(desk);
  const word = `okapi${Date.now()}`;
  const file = await fetch(`${desk.url}/api/attachments?name=${word}.txt`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.token}`, 'content-type': 'application/octet-stream' },
    body: word,
  });
  const sent = (await file.json()) as { id: string };
  const ticket = await make<Ticket>(api, '/api/tickets', {
    title: `About an ${word}`,
    description: word,
    attachments: [sent.id],
  });
  const neighbour = await invite(desk);
  const own = await make<Ticket>(neighbour.api, '/api/tickets', { title: 'My own' });
  const stranger = await invite(desk, 'retailgmbh.com');

  const page = await desk.signIn(browser, neighbour.email);
  const foreign = await desk.signIn(browser, stranger.email);
  await expect(requests(page).getByRole('link')).toHaveText([/My own/]);
  await page.getByRole('searchbox', { name: 'Search requests' }).fill(word);
  await expect(page.getByRole('heading', { name: `Nothing fits “${word}”` })).toBeVisible();
  await page.getByRole('button', { name: 'Search all requests' }).click();
  await expect(page.getByRole('heading', { name: `Nothing fits “${word}”` })).toBeVisible();
  await expect(foreign.getByRole('heading', { name: 'Wie können wir helfen?' })).toBeVisible();

  // What happens to it is not heard either.
  await make(await desk.api(LOGISTICS), `/api/tickets/${ticket.id}/messages`, {
    body: `The ${word} is here`,
  });
  await page.goto(`${desk.url}/requests/${ticket.id}`);
  await expect(page.getByRole('heading', { name: 'This request isn’t here' })).toBeVisible();
  await foreign.goto(`${desk.url}/meine-anfragen/${ticket.id}`);
  await expect(foreign.getByRole('heading', { name: 'Diese Anfrage ist nicht hier' })).toBeVisible();
  for (const one of [page, foreign]) await expect(one.locator('body')).not.toContainText(word);
  await expect(page.getByRole('button', { name: /^Notifications, 0 unread/ })).toBeVisible();

  // Nor the files that came with it.
  const { items } = await api.get<{ items: { id: string }[] }>(`/api/tickets/${ticket.id}/attachments`);
  expect(items).toHaveLength(1);
  for (const other of [neighbour.api, stranger.api]) {
    expect((await other.call('GET', `/api/attachments/${items[0]?.id}`)).status).toBe(404);
    expect((await other.call('GET', `/api/tickets/${ticket.id}/attachments`)).status).toBe(404);
  }

  // A follow-up of what is another's is a new request like any other.
  await page.goto(`${desk.url}/requests/new?follows=${ticket.id}`);
  await expect(page.getByRole('form', { name: 'New request' })).toBeVisible();
  await page.goto(`${desk.url}/requests/new?follows=${own.id}`);
  const form = page.getByRole('form', { name: `Follow-up to #${own.number}` });
  await expect(form.getByRole('textbox', { name: 'What is it about?' })).toHaveValue(
    `Follow-up to #${own.number}: My own`,
  );
  for (const one of [page, foreign]) await one.context().close();
});

test('everything by keyboard alone', async ({ browser, desk }) => {
  const { email, api } = await invite(desk);
  await make(api, '/api/tickets', { title: 'The older one' });
  const page = await desk.signIn(browser, email);
  await expect(requests(page)).toBeVisible();
  await page.keyboard.press('c');
  await expect(page.getByRole('textbox', { name: 'What is it about?' })).toBeFocused();
  await page.keyboard.type('Keys do it all');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Without a mouse.');
  await page.keyboard.press('Control+Enter');
  const heading = page.getByRole('heading', { level: 1, name: 'Keys do it all' });
  await expect(heading).toBeFocused();
  await page.keyboard.press('r');
  await expect(answer(page)).toBeFocused();
  await page.keyboard.type('And one more thing.');
  await page.keyboard.press('Control+Enter');
  await expect(conversation(page).getByRole('article').last()).toContainText('And one more thing.');
  await expect(answer(page)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(heading).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(requests(page).getByRole('link', { name: 'Keys do it all' })).toBeFocused();
  await page.keyboard.press('j');
  await expect(requests(page).getByRole('link', { name: 'The older one' })).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(heading).toBeFocused();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.type('older');
  await expect(requests(page).getByRole('link')).toHaveText([/The older one/]);
  await page.keyboard.press('Escape');
  await expect(requests(page).getByRole('link')).toHaveCount(2);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('new request');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('form', { name: 'New request' })).toBeVisible();
  await page.context().close();
});

test('what is written is kept, here and on one’s other devices, and sent once', async ({ browser, desk }) => {
  const { email, api } = await invite(desk);
  const ticket = await make<Ticket>(api, '/api/tickets', { title: 'Half a sentence' });
  const path = `/api/tickets/${ticket.id}`;
  const page = await desk.signIn(browser, email);
  await page.goto(`${desk.url}/requests/${ticket.id}`);
  await answer(page).fill('I have looked, and');
  await expect(page.getByText('Draft saved')).toBeVisible();
  await page.reload();
  await expect(answer(page)).toHaveValue('I have looked, and');
  const other = await desk.signIn(browser, email, PHONE);
  await other.goto(`${desk.url}/requests/${ticket.id}`);
  await expect(answer(other)).toHaveValue('I have looked, and');

  // Sent, and nobody was told: the answer is lost on its way back.
  await answer(other).fill('I have looked, and found it.');
  const isSaying = (url: URL) => url.pathname === `${path}/messages`;
  await other.route(isSaying, async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.fetch();
    await route.abort();
  });
  await other.getByRole('button', { name: 'Send', exact: true }).tap();
  await expect(other.getByRole('alert')).toContainText('Not sent.');
  await expect(answer(other)).toHaveValue('I have looked, and found it.');
  await other.unroute(isSaying);
  await other.getByRole('button', { name: 'Send', exact: true }).tap();
  await expect(answer(other)).toHaveValue('');
  const said = await api.get<{ items: { body: string }[] }>(`${path}/messages`);
  expect(said.items.map(({ body }) => body)).toEqual(['I have looked, and found it.']);
  // What was sent there is no draft here any more.
  await page.reload();
  await expect(conversation(page)).toContainText('I have looked, and found it.');
  await expect(answer(page)).toHaveValue('');

  // A new request as well, until it is thrown away.
  await page.goto(`${desk.url}/requests/new`);
  await page.getByRole('textbox', { name: 'What is it about?' }).fill('Not yet');
  await expect(page.getByText('Kept as a draft on this device')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'What is it about?' })).toHaveValue('Not yet');
  await page.getByRole('button', { name: 'Discard draft' }).click();
  await page.reload();
  await expect(page.getByRole('textbox', { name: 'What is it about?' })).toHaveValue('');
  for (const one of [page, other]) await one.context().close();
});

test('news is marked until it is read, and every link leads to the screen that one has', async ({
  browser,
  desk,
}) => {
  const { email, api } = await invite(desk);
  const admin = await desk.api(LOGISTICS);
  const ticket = await make<Ticket>(api, '/api/tickets', { title: 'Where does it lead' });
  const page = await desk.signIn(browser, email);
  const row = requests(page).getByRole('link', { name: /Where does it lead/ });
  await expect(row).not.toContainText('New');
  await make(admin, `/api/tickets/${ticket.id}/messages`, { body: 'Here is an answer' });
  await expect(row).toContainText('New');
  await expect(page.getByRole('button', { name: 'Notifications, 1 unread' })).toBeVisible();
  await page.keyboard.press('b');
  await page.getByRole('dialog', { name: 'Notifications' }).getByRole('link', { name: /lead/ }).click();
  await expect(page).toHaveURL(`${desk.url}/requests/${ticket.id}`);
  await expect(conversation(page)).toContainText('Here is an answer');
  await expect(page.getByRole('button', { name: 'Notifications, 0 unread' })).toBeVisible();
  await page.getByRole('link', { name: 'Back to my requests' }).click();
  await expect(row).toBeVisible();
  await expect(row).not.toContainText('New');

  // Read where it was, it is read on the other devices as well.
  await make(admin, `/api/tickets/${ticket.id}/messages`, { body: 'And another' });
  await expect(row).toContainText('New');
  await row.click();
  await expect(page.getByRole('button', { name: 'Notifications, 0 unread' })).toBeVisible();

  // A link that was made for the desk, and one that a requester has sent to an agent.
  await page.goto(`${desk.url}/tickets/${ticket.id}`);
  await expect(page).toHaveURL(`${desk.url}/requests/${ticket.id}`);
  await expect(conversation(page)).toContainText('And another');
  const agent = await desk.signIn(browser, AGENT);
  await agent.goto(`${desk.url}/requests/${ticket.id}`);
  await expect(agent).toHaveURL(`${desk.url}/tickets/${ticket.id}`);
  await expect(conversation(agent)).toContainText('And another');
  for (const one of [page, agent]) await one.context().close();
});

test('older requests come page by page', async ({ browser, desk }) => {
  const { email, api } = await invite(desk);
  for (let n = 1; n <= 27; n += 1) await make(api, '/api/tickets', { title: `Number ${n} of many` });
  const page = await desk.signIn(browser, email);
  await expect(requests(page).getByRole('link')).toHaveCount(25);
  await page.getByRole('button', { name: 'Show older requests' }).click();
  await expect(requests(page).getByRole('link')).toHaveCount(27);
  await expect(page.getByRole('button', { name: 'Show older requests' })).toHaveCount(0);
  // What comes meanwhile stands on top, and takes nothing away.
  await make(api, '/api/tickets', { title: 'Raised elsewhere' });
  await expect(requests(page).getByRole('link').first()).toContainText('Raised elsewhere');
  await expect(requests(page).getByRole('link')).toHaveCount(28);
  await page.context().close();
});
