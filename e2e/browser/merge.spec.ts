/** Two tickets about the same thing become one: in every browser, for the requester as well, and back. */
import type { Page } from '@playwright/test';
import {
  AGENT,
  type Api,
  composer,
  conversation,
  expect,
  expectAccessible,
  expectWritten,
  invite,
  LOGISTICS,
  make,
  openTicket,
  test,
} from './desk.ts';

interface Ticket {
  id: string;
  number: number;
  status: string;
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });

async function merge(api: Api, source: Ticket, into: Ticket): Promise<void> {
  const { status, text } = await api.call('POST', `/api/tickets/${source.id}/merge`, { intoId: into.id });
  expect(status, text).toBe(200);
}

test('a ticket is merged into another, leads everybody there, and stands for itself again', async ({
  browser,
  desk,
}) => {
  const admin = await desk.api(LOGISTICS);
  const { email, api } = await invite(desk);
  const target = await make<Ticket>(api, '/api/tickets', { title: 'Where is my pallet?' });
  const source = await make<Ticket>(api, '/api/tickets', {
    title: 'Pallet is missing',
    description: 'It is order 4711.',
  });
  await make(api, `/api/tickets/${source.id}/messages`, { body: 'Still nothing.' });
  await make(admin, `/api/tickets/${source.id}/messages`, { body: 'A zebrafish, I think', internal: true });
  await make<Ticket>(admin, '/api/tickets', { title: 'Pallet of somebody else' });
  const page = await desk.signIn(browser, AGENT);
  const other = await desk.signIn(browser, LOGISTICS, { colorScheme: 'dark' });
  const requester = await desk.signIn(browser, email);
  await openTicket(page, source);
  await openTicket(other, target);
  await openTicket(requester, target);

  // Of the same requester, and not itself.
  await page.keyboard.press('m');
  const dialog = page.getByRole('dialog', { name: `Merge #${source.number} into another ticket` });
  await expect(dialog.getByRole('combobox')).toBeFocused();
  await expect(dialog.getByRole('option')).toHaveText([/Where is my pallet\?/]);
  await expectAccessible(page, 'choosing a ticket to merge into');
  await page.keyboard.type('zebrafish');
  await expect(dialog.getByRole('status')).toHaveText('Nothing fits');
  await dialog.getByRole('combobox').fill(`#${target.number}`);
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: `Merge into #${target.number}` })).toBeFocused();
  await expect(dialog).toContainText(`#${source.number} is closed`);
  await expectAccessible(page, 'what a merge does');
  await page.keyboard.press('Enter');

  await expect(heading(page, 'Where is my pallet?')).toBeFocused();
  await expect(page.getByText(`#${source.number} was merged into #${target.number}`)).toBeVisible();
  const blockOf = (one: Page) =>
    conversation(one).getByRole('region', {
      name: new RegExp(`^(Merged from|From your request) #${source.number}: Pallet is missing$`),
    });
  for (const one of [page, other, requester]) {
    await expect(blockOf(one)).toContainText('It is order 4711.');
    await expect(blockOf(one)).toContainText('Still nothing.');
  }
  await expect(blockOf(other)).toContainText('A zebrafish, I think');
  await expect(blockOf(requester)).not.toContainText('zebrafish');
  await expectAccessible(page, 'a merged ticket within another');
  await expectAccessible(other, 'a merged ticket within another, dark');
  const fold = blockOf(other).getByRole('button', { name: /^Merged from/ });
  await fold.press('Enter');
  await expect(fold).toHaveAttribute('aria-expanded', 'false');
  await expect(blockOf(other).getByText('Still nothing.')).toBeHidden();
  await fold.press('Enter');
  await expect(blockOf(other).getByText('Still nothing.')).toBeVisible();

  // Its address leads to the other one, and from there it can be seen as it was.
  await openTicket(requester, source);
  await expect(heading(requester, 'Where is my pallet?')).toBeVisible();
  await expect(requester).toHaveURL(new RegExp(`/requests/${target.id}(\\?|$)`));
  await expect(requester.getByText(`Your request #${source.number} goes on here.`)).toBeVisible();
  await requester.getByRole('main').getByText(`See #${source.number} as it was`).first().click();
  await expect(heading(requester, 'Pallet is missing')).toBeFocused();
  const bannerOf = (one: Page) =>
    one.getByRole('region', {
      name: new RegExp(`^(Merged into|This request goes on in) #${target.number}$`),
    });
  await expect(bannerOf(requester)).toContainText('Answers are read and written there.');
  await expect(bannerOf(requester).getByRole('button')).toHaveCount(0);
  await expect(composer(requester)).toHaveCount(0);
  await expectAccessible(requester, 'a ticket that was merged, as it was');
  await bannerOf(requester)
    .getByRole('link', { name: `Go to #${target.number}` })
    .click();
  await expect(heading(requester, 'Where is my pallet?')).toBeFocused();

  // Nothing is written or set at it, by nobody.
  await other.goto(`${desk.url}/tickets/${source.id}?original=1`);
  await expect(bannerOf(other)).toBeVisible();
  await expect(composer(other)).toHaveCount(0);
  const details = other.getByRole('complementary', { name: 'Details' });
  await expect(details).toContainText('Closed');
  await expect(details.getByRole('button', { name: /^(Status|Assignee|Priority|Tags)/ })).toHaveCount(0);
  await other.keyboard.press('s');
  await expect(other.getByRole('combobox', { name: 'Status' })).toHaveCount(0);
  await expectAccessible(other, 'a ticket that was merged, dark');
  const refused = await admin.call('PATCH', `/api/tickets/${source.id}`, { priority: 'high' });
  expect(refused.status).toBe(409);

  // Undone by whoever works here, it is what it was, and gone from the other one in every browser.
  await bannerOf(other).getByRole('button', { name: 'Undo merge' }).press('Enter');
  await expect(heading(other, 'Pallet is missing')).toBeFocused();
  await expect(bannerOf(other)).toHaveCount(0);
  await expect(composer(other)).toBeVisible();
  expect((await admin.get<Ticket>(`/api/tickets/${source.id}`)).status).toBe('open');
  for (const one of [page, requester]) await expect(blockOf(one)).toHaveCount(0);
  await expect(conversation(page)).toContainText(`undid the merge of #${source.number}`);
  // For the requester both stand for themselves again, and can be answered.
  await expect(requester.getByText(`Your request #${source.number} goes on here.`)).toHaveCount(0);
  await openTicket(requester, source);
  await expect(heading(requester, 'Pallet is missing')).toBeVisible();
  await expect(requester).toHaveURL(new RegExp(`/requests/${source.id}$`));
  await expect(bannerOf(requester)).toHaveCount(0);
  await expect(composer(requester)).toBeVisible();
  for (const one of [page, other, requester]) await one.context().close();
});

test('a chain leads to its end, and a ticket whose target is gone is shown itself', async ({
  browser,
  desk,
}) => {
  const admin = await desk.api(LOGISTICS);
  const raise = (title: string) =>
    make<Ticket>(admin, '/api/tickets', { title, description: `On ${title}.` });
  const first = await raise('The first of a chain');
  const second = await raise('The second of a chain');
  const last = await raise('The end of a chain');
  await merge(admin, first, second);
  await merge(admin, second, last);
  const page = await desk.signIn(browser, LOGISTICS);
  await openTicket(page, first);
  await expect(heading(page, 'The end of a chain')).toBeVisible();
  await expect(page.getByText(`#${first.number} was merged into this ticket.`)).toBeVisible();
  const outer = page.getByRole('region', { name: `Merged from #${second.number}: The second of a chain` });
  const inner = outer.getByRole('region', { name: `Merged from #${first.number}: The first of a chain` });
  await expect(inner).toContainText('On The first of a chain.');
  await expectAccessible(page, 'a chain of merges');

  const gone = await admin.call('DELETE', `/api/tickets/${last.id}`);
  expect(gone.status, gone.text).toBe(204);
  await openTicket(page, second);
  await expect(heading(page, 'The second of a chain')).toBeVisible();
  const banner = page.getByRole('region', { name: `Merged into #${last.number}` });
  await expect(banner).toContainText(`#${last.number} is not there any more`);
  await expect(banner.getByRole('link')).toHaveCount(0);
  await banner.getByRole('button', { name: 'Undo merge' }).click();
  await expect(banner).toHaveCount(0);
  await expect(conversation(page)).toContainText('On The first of a chain.');
  await page.context().close();
});

test('a merge is taken back right away, and takes nobody’s page and text away', async ({ browser, desk }) => {
  const admin = await desk.api(LOGISTICS);
  const target = await make<Ticket>(admin, '/api/tickets', { title: 'Gate 4 is shut' });
  const source = await make<Ticket>(admin, '/api/tickets', { title: 'Gate 4 does not open' });
  const page = await desk.signIn(browser, LOGISTICS);
  const other = await desk.signIn(browser, AGENT);
  await openTicket(page, source);
  await openTicket(other, source);
  const write = composer(other);
  await other.keyboard.press('r');
  await other.keyboard.type('I have looked, and');

  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Merge into another ticket' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').fill('gate shut');
  await dialog.getByRole('option', { name: /Gate 4 is shut/ }).click();
  await dialog.getByRole('button', { name: `Merge into #${target.number}` }).click();
  await expect(heading(page, 'Gate 4 is shut')).toBeFocused();

  // Who has it open stays, sees where it went, and finds the text as it was.
  const banner = other.getByRole('region', { name: `Merged into #${target.number}` });
  await expect(banner).toBeVisible();
  await expectWritten(write.getByRole('textbox'), 'I have looked, and');
  await expect(write.getByRole('textbox')).not.toBeEditable();
  await expect(write).toContainText(`Merged into #${target.number}: write there`);
  await expectAccessible(other, 'a text at a ticket that was merged');

  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(heading(page, 'Gate 4 does not open')).toBeFocused();
  await expect(page).toHaveURL(new RegExp(`/tickets/${source.id}$`));
  await expect(banner).toHaveCount(0);
  await expect(write.getByRole('textbox')).toBeEditable();
  for (const one of [page, other]) await one.context().close();
});
