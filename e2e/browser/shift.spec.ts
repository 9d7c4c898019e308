/**
 * A whole shift: a requester and two agents, each in a browser of their own, work thirty tickets through. In the end
 * all three see the same, the ledger tells the story, and no note has come to the requester on any way.
 */
import type { Page } from '@playwright/test';
import {
  AGENT,
  type Api,
  conversation,
  expect,
  expectWritten,
  LOGISTICS,
  make,
  openTicket,
  PASSWORD,
  REPLY,
  test,
} from './desk.ts';

interface Ticket {
  id: string;
  number: number;
  title: string;
  status: string;
  priority: string;
  tags: string[];
  assignee: { name: string } | null;
  mergedInto: { number: number } | null;
}

interface Event {
  seq: number;
  action: string;
  ticketId: string | null;
  data: Record<string, unknown>;
}

const COUNT = 30;
const NOTE = 'Between us: a quokka was seen in bay 4';

const rows = (page: Page) => page.getByRole('list', { name: 'Tickets' }).getByRole('link');
const bar = (page: Page) => page.getByRole('region', { name: 'Selected tickets' });

/** All of what somebody sees of these tickets. */
async function all(api: Api, word: string): Promise<Ticket[]> {
  const { items } = await api.get<{ items: Ticket[] }>(`/api/tickets?q=${word}&limit=100&sort=number`);
  return items;
}

/** Every event that somebody may see, since a place. */
async function events(api: Api, after: number): Promise<Event[]> {
  const found: Event[] = [];
  for (let from = after; ; ) {
    const page = await api.get<{ items: Event[]; lastSeq: number }>(`/api/events?after=${from}&limit=100`);
    found.push(...page.items);
    if (page.items.length === 0) return found;
    from = page.items.at(-1)?.seq ?? from;
  }
}

/** Goes to the list of what was raised in this shift, oldest first. */
async function showAll(page: Page, word: string): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/tickets/?view=all&q=${word}&sort=number`);
  await expect(rows(page).first()).toBeVisible();
}

/** Chooses so many rows from the first on, by keys. */
async function choose(page: Page, from: number, to: number): Promise<void> {
  await page.keyboard.press('Home');
  for (let at = 0; at <= to; at += 1) {
    await page.keyboard.press('j');
    if (at === from) await page.keyboard.press('x');
  }
  await page.keyboard.press('Shift+X');
  await expect(bar(page)).toContainText(`${to - from + 1} selected`);
}

async function pick(page: Page, field: string, option: string): Promise<void> {
  await bar(page).getByRole('button', { name: field }).press('Enter');
  await page.keyboard.type(option);
  await page.keyboard.press('Enter');
}

async function say(page: Page, ticket: Ticket, text: string): Promise<void> {
  await openTicket(page, ticket);
  await page.getByRole('textbox', { name: REPLY }).fill(text);
  await page.keyboard.press('Control+Enter');
  await expect(conversation(page)).toContainText(text);
}

test('two agents and a requester work thirty tickets through, and see the same in the end', async ({
  browser,
  desk,
}) => {
  test.setTimeout(300_000);
  const stamp = Date.now();
  const word = `shift${stamp}`;
  const ben = await desk.api(LOGISTICS);
  const email = `${word}@logisticsco.com`;
  await make(ben, '/api/admin/users', { email, name: 'Rosa Raiser', role: 'user', password: PASSWORD });
  await make(ben, '/api/macros', {
    name: `Found ${word}`,
    body: 'Dear {{requester.firstName}}, we have found it.',
    shared: true,
    actions: { status: 'resolved', priority: null, addTags: ['found'], removeTags: [], assignee: 'me' },
  });
  const { lastSeq } = await ben.get<{ lastSeq: number }>('/api/events?after=0&limit=1');

  const rosa = await desk.api(email);
  const [requester, anna, other] = [
    await desk.signIn(browser, email, { viewport: { width: 390, height: 844 } }),
    await desk.signIn(browser, AGENT),
    await desk.signIn(browser, LOGISTICS, { colorScheme: 'dark' }),
  ];

  // The morning: the first is raised by hand, the others as fast as a program does.
  await requester.getByRole('link', { name: 'New request' }).first().click();
  const form = requester.getByRole('form', { name: 'New request' });
  await form.getByRole('textbox', { name: 'What is it about?' }).fill(`${word} parcel 1`);
  await form.getByRole('textbox', { name: 'What happened?' }).fill('It is not here.');
  await form.getByRole('button', { name: 'Send request' }).click();
  await expect(requester.getByRole('heading', { level: 1, name: `${word} parcel 1` })).toBeVisible();
  for (let n = 2; n <= COUNT; n += 1) {
    await make(rosa, '/api/tickets', { title: `${word} parcel ${n}`, description: 'It is not here.' });
  }
  const raised = await all(ben, word);
  expect(raised.length).toBe(COUNT);
  const at = (n: number): Ticket => {
    const found = raised[n - 1];
    if (!found) throw new Error(`there is no ${n}`);
    return found;
  };

  // Ten are Anna's, and in progress, by two requests.
  for (const page of [anna, other]) await showAll(page, word);
  await expect(rows(anna)).toHaveText(
    raised.slice(0, await rows(anna).count()).map(({ title }) => new RegExp(title)),
  );
  await choose(anna, 0, 9);
  await pick(anna, 'Assignee', 'Anna Berg');
  await expect(anna.getByText('10 tickets changed').first()).toBeVisible();
  await pick(anna, 'Status', 'In progress');
  await expect
    .poll(async () => (await all(ben, word)).filter(({ status }) => status === 'in_progress').length)
    .toBe(10);

  // A note is the staff's; the requester sees the answer, at once, and answers.
  await openTicket(requester, at(1));
  await openTicket(other, at(1));
  await openTicket(anna, at(1));
  await other.keyboard.press('n');
  await other.keyboard.type(NOTE);
  await other.keyboard.press('Control+Enter');
  await expect(conversation(anna)).toContainText(NOTE);
  await say(anna, at(1), 'Which door was it to come to?');
  await expect(conversation(requester)).toContainText('Which door was it to come to?');
  await requester.getByRole('textbox', { name: 'Write an answer' }).fill('To door 7.');
  await requester.getByRole('button', { name: 'Send', exact: true }).click();
  for (const page of [anna, other]) await expect(conversation(page)).toContainText('To door 7.');

  // Both answer: the second is held back, reads what the first has said, and sends what still holds.
  await openTicket(anna, at(2));
  await anna.getByRole('textbox', { name: REPLY }).fill('It leaves tomorrow.');
  const path = `/api/tickets/${at(2).id}/messages`;
  let show = () => {};
  const shown = new Promise<void>((resolve) => {
    show = resolve;
  });
  await anna.route(`**${path}*`, async (route) => {
    if (route.request().method() === 'GET') await shown;
    await route.continue();
  });
  await say(other, at(2), 'It has left already.');
  const refused = anna.waitForResponse(`**${path}`);
  await anna.keyboard.press('Control+Enter');
  expect((await refused).status()).toBe(409);
  show();
  const held = conversation(anna).getByRole('alert');
  await expect(held).toContainText('Someone has written meanwhile');
  await expect(conversation(anna)).toContainText('It has left already.');
  await held.getByRole('button', { name: 'Send anyway' }).click();
  await expect(conversation(other)).toContainText('It leaves tomorrow.');
  await anna.unroute(`**${path}*`);

  // The fourth is the third once more.
  await openTicket(anna, at(4));
  await anna.keyboard.press('m');
  const merging = anna.getByRole('dialog', { name: `Merge #${at(4).number} into another ticket` });
  await merging.getByRole('combobox').fill(`#${at(3).number}`);
  await expect(merging.getByRole('option')).toHaveCount(1);
  await anna.keyboard.press('Enter');
  await merging.getByRole('button', { name: `Merge into #${at(3).number}` }).press('Enter');
  await expect(anna.getByRole('heading', { level: 1, name: at(3).title })).toBeVisible();

  // A macro answers, solves and takes it.
  await openTicket(other, at(5));
  await other.keyboard.press('r');
  await other.keyboard.press('/');
  await other.keyboard.type(word);
  await other.keyboard.press('Enter');
  const answer = 'Dear Rosa, we have found it.';
  await expectWritten(other.getByRole('region', { name: 'Write' }).getByRole('textbox'), answer);
  await other.keyboard.press('Control+Enter');
  await expect(conversation(other)).toContainText(answer);

  // Anna's line is cut in the middle of it: what she writes is kept, and what the others do meanwhile comes after.
  await openTicket(anna, at(6));
  await anna.context().setOffline(true);
  await anna.keyboard.press('r');
  await anna.keyboard.type('Written in a tunnel.');
  await anna.keyboard.press('Control+Enter');
  const unsent = conversation(anna).getByRole('article').filter({ hasText: 'Written in a tunnel.' });
  await expect(unsent).toContainText('Not sent');
  await make(rosa, `/api/tickets/${at(6).id}/messages`, { body: 'Is anybody there?' });
  const raiseIt = await ben.call('PATCH', `/api/tickets/${at(6).id}`, { priority: 'urgent' });
  expect(raiseIt.status).toBe(200);
  await anna.context().setOffline(false);
  await expect(conversation(anna)).toContainText('Is anybody there?');
  await expect(anna.getByRole('complementary', { name: 'Details' })).toContainText('Urgent');
  // She has read what came meanwhile, or is asked to.
  await unsent.getByRole('button', { name: 'Send again' }).click();
  await unsent.getByRole('button', { name: 'Send anyway' }).click();
  await expect(unsent).not.toContainText('Not sent');
  await expect
    .poll(async () => {
      const { items } = await ben.get<{ items: { body: string }[] }>(`/api/tickets/${at(6).id}/messages`);
      return items.map(({ body }) => body);
    })
    .toEqual(['Is anybody there?', 'Written in a tunnel.']);

  // The evening: what is left is solved.
  await showAll(other, word);
  await choose(other, 6, 29);
  await pick(other, 'Status', 'Resolved');
  await expect
    .poll(async () => (await all(ben, word)).filter(({ status }) => status === 'resolved').length)
    .toBe(25);
  for (const n of [1, 2, 3, 6]) {
    const solved = await ben.call('PATCH', `/api/tickets/${at(n).id}`, { status: 'resolved' });
    expect(solved.status).toBe(200);
  }

  // The same everywhere: in both agents' lists without a reload of their own, and as the server has it.
  const done = await all(ben, word);
  expect(done.map(({ status }) => status)).toEqual(
    raised.map(({ number }) => (number === at(4).number ? 'closed' : 'resolved')),
  );
  expect(await all(await desk.api(AGENT), word)).toEqual(done);
  await showAll(anna, word);
  // The other's list has been live all the time; it stands where the last rows were chosen.
  await other.getByRole('list', { name: 'Tickets' }).evaluate((list) => {
    for (let at: Element | null = list; at; at = at.parentElement) at.scrollTo(0, 0);
  });
  const shownTo = async (page: Page) => (await rows(page).allTextContents()).join('\n');
  await expect.poll(async () => (await shownTo(anna)) === (await shownTo(other))).toBe(true);
  await expect(rows(anna).first()).toContainText(`${word} parcel 1`);
  const mine = await all(rosa, word);
  expect(mine.map(({ id, status }) => [id, status])).toEqual(done.map(({ id, status }) => [id, status]));
  await openTicket(requester, at(1));
  await expect(conversation(requester)).toContainText('To door 7.');
  await expect(requester.getByRole('main')).toContainText('Solved');

  // The ledger is whole, and tells it.
  expect((await ben.get<{ ok: boolean }>('/api/admin/audit/verify')).ok).toBe(true);
  const ids = new Set(raised.map(({ id }) => id));
  const told = (await events(ben, lastSeq)).filter(({ ticketId }) => ticketId !== null && ids.has(ticketId));
  const count = (action: string) => told.filter((event) => event.action === action).length;
  expect(count('ticket.created')).toBe(COUNT);
  expect(count('ticket.merged')).toBe(2);
  expect(count('macro.applied')).toBe(1);
  expect(count('message.created')).toBe(8);
  const solved = told.filter(({ action, data }) => {
    const { status } = (data.changes ?? {}) as { status?: { to: string } };
    return action === 'ticket.updated' && status?.to === 'resolved';
  });
  expect(new Set(solved.map(({ ticketId }) => ticketId)).size).toBe(COUNT - 1);

  // No note on any way: nothing of it in what the requester is told, finds or reads.
  const heard = JSON.stringify(await events(rosa, lastSeq));
  const read = (await rosa.call('GET', `/api/tickets/${at(1).id}/messages`)).text;
  const notices = (await rosa.call('GET', '/api/notices')).text;
  for (const text of [heard, read, notices]) expect(text).not.toContain('quokka');
  expect(await all(rosa, 'quokka')).toEqual([]);
  expect(JSON.parse(heard).filter((event: Event) => event.data.internal === true)).toEqual([]);
  for (const one of [requester, anna, other]) await one.context().close();
});
