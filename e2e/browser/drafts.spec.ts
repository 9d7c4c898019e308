/** What is written and not sent: there on the person's other devices, nobody else's, and gone once it is sent. */
import type { Page, Request } from '@playwright/test';
import {
  AGENT,
  type Api,
  composer,
  expect,
  expectAccessible,
  expectWritten,
  LOGISTICS,
  make,
  openTicket,
  test,
} from './desk.ts';

interface Ticket {
  id: string;
}
interface Drafts {
  items: { kind: string; body: string }[];
}

const text = (page: Page) => composer(page).getByRole('textbox');

async function draftsOf(api: Api, { id }: Ticket): Promise<string[]> {
  const { items } = await api.get<Drafts>(`/api/tickets/${id}/drafts`);
  return items.map(({ kind, body }) => `${kind}: ${body}`);
}

/** A call that keeps the draft of a reply, or throws it away. */
const isSaving = (request: Request, keeps: boolean) => {
  if (request.method() !== 'PUT' || !request.url().endsWith('/drafts')) return false;
  const { body } = request.postDataJSON() as { body: string };
  return (body !== '') === keeps;
};

test('a draft is there in the other browser of the same person alone, and gone once it is sent', async ({
  browser,
  desk,
}) => {
  const admin = await desk.api(LOGISTICS);
  const agent = await desk.api(AGENT);
  const ticket = await make<Ticket>(admin, '/api/tickets', { title: 'Seal 9 is broken' });
  const page = await desk.signIn(browser, AGENT);
  await openTicket(page, ticket);
  await page.keyboard.press('r');
  await page.keyboard.type('I have asked the');
  await expect(composer(page)).toContainText('Draft saved');
  await expectAccessible(page, 'a draft that is saved');

  const second = await desk.signIn(browser, AGENT);
  await openTicket(second, ticket);
  await expectWritten(text(second), 'I have asked the');
  const other = await desk.signIn(browser, LOGISTICS);
  await openTicket(other, ticket);
  await expectWritten(text(other), '');
  expect(await draftsOf(admin, ticket)).toEqual([]);

  // It is written on there, with a note beside it; the first browser finds both when it comes back.
  await text(second).press('Control+End');
  await second.keyboard.type(' driver.');
  await text(second).press('Escape');
  await second.keyboard.press('n');
  await second.keyboard.type('Third time this week');
  await expect(composer(second)).toContainText('Draft saved');
  await expect
    .poll(() => draftsOf(agent, ticket))
    .toEqual(['reply: I have asked the driver.', 'note: Third time this week']);
  await page.reload();
  await expectWritten(text(page), 'I have asked the driver.');
  await page.keyboard.press('n');
  await expectWritten(text(page), 'Third time this week');

  // Sent in one, the reply is no draft any more in the other; the note still is.
  await text(second).press('Escape');
  await second.keyboard.press('r');
  await second.keyboard.press('Control+Enter');
  const sent = second.getByRole('article').filter({ hasText: 'I have asked the driver.' });
  await expect(sent).toBeVisible();
  await expect.poll(() => draftsOf(agent, ticket)).toEqual(['note: Third time this week']);
  await page.reload();
  await expectWritten(text(page), 'Third time this week');
  await page.keyboard.press('r');
  await expectWritten(text(page), '');

  // Emptied, it is gone as well.
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await text(page).fill('');
  await expect.poll(() => draftsOf(agent, ticket)).toEqual([]);
  for (const one of [page, second, other]) await one.context().close();
});

test('a draft of a lost connection is kept here, and saved when it is back', async ({ browser, desk }) => {
  const agent = await desk.api(AGENT);
  const ticket = await make<Ticket>(await desk.api(LOGISTICS), '/api/tickets', { title: 'Scale 2 is off' });
  const page = await desk.signIn(browser, AGENT);
  await openTicket(page, ticket);
  await page.route('**/api/**', (route) => route.abort());
  await page.keyboard.press('r');
  await page.keyboard.type('Written without a line');
  await expect(composer(page)).toContainText('Draft kept on this device');
  await expectAccessible(page, 'a draft that is not saved');
  expect(await draftsOf(agent, ticket)).toEqual([]);

  await page.unroute('**/api/**');
  await expect(composer(page)).toContainText('Draft saved');
  expect(await draftsOf(agent, ticket)).toEqual(['reply: Written without a line']);
  await page.context().close();
});

test('a draft that comes to the server after its message is taken away again', async ({ browser, desk }) => {
  const agent = await desk.api(AGENT);
  const ticket = await make<Ticket>(await desk.api(LOGISTICS), '/api/tickets', { title: 'Ramp 1 is icy' });
  const page = await desk.signIn(browser, AGENT);
  await openTicket(page, ticket);
  let release = () => {};
  const isHeld = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/drafts', async (route) => {
    if (isSaving(route.request(), true)) await isHeld;
    await route.continue();
  });
  const saving = page.waitForRequest((request) => isSaving(request, true));
  await page.keyboard.press('r');
  await page.keyboard.type('It is salted.');
  await saving;
  const posted = page.waitForResponse(
    (answer) => answer.request().method() === 'POST' && answer.url().endsWith('/messages'),
  );
  await page.keyboard.press('Control+Enter');
  expect((await posted).status()).toBe(201);
  const removed = page.waitForResponse((answer) => isSaving(answer.request(), false));
  release();
  expect((await removed).status()).toBe(200);
  expect(await draftsOf(agent, ticket)).toEqual([]);
  await expectWritten(text(page), '');
  await page.context().close();
});
