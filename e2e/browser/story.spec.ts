/**
 * The story of the product with the real n8n and three browsers: a ticket is raised, its workflow answers,
 * everybody in the company sees it, nobody outside does, the trail verifies, and a kill loses nothing.
 */
import type { Page as Browsing } from '@playwright/test';
import { io } from 'socket.io-client';
import { type Api, Desk, expect, LOGISTICS, onPostgres, PASSWORD, RETAIL, test } from './desk.ts';

interface Ticket {
  id: string;
  number: number;
  title: string;
  status: string;
  workflow: { state: string } | null;
}
interface Page<T> {
  items: T[];
}
interface Message {
  body: string;
  author: { kind: string };
}

const ofWorkflow = async (api: Api, id: string) => {
  const { items } = await api.get<Page<Message>>(`/api/tickets/${id}/messages`);
  return items.filter((message) => message.author.kind === 'workflow');
};

/** When the page first shows the ticket of this title in this status, in milliseconds since 1970. */
const whenShown = async (page: Browsing, title: string, status: string): Promise<number> => {
  const shown = await page.waitForFunction(
    ([title = '', status = '']) => {
      const rows = [...document.querySelectorAll('a')].map((row) => row.textContent ?? '');
      return rows.some((row) => row.includes(title) && row.includes(status)) && Date.now();
    },
    [title, status],
    { polling: 'raf', timeout: 30_000 },
  );
  return Number(await shown.jsonValue());
};

test.describe('the story', () => {
  let desk: Desk;
  /** Raised before n8n was there. */
  let early: Ticket;

  test.beforeAll(async () => {
    test.setTimeout(600_000);
    desk = await Desk.start({
      n8n: true,
      builds: true,
      meanwhile: async (desk) => {
        await desk.until(async () => desk.log.includes('Flowbit is ready'), 580_000);
        // A database and three nodes may take longer than n8n.
        if (!onPostgres) expect(await desk.n8nAnswers(), 'n8n is still coming up').toBe(false);
        const { status, text } = await (await desk.api(LOGISTICS)).call('POST', '/api/tickets', {
          title: 'Raised before its workflow was there',
        });
        expect(status, text).toBe(201);
        early = JSON.parse(text) as Ticket;
      },
    });
  });
  test.afterAll(() => desk?.stop());

  test('whoever starts it is told where it is and who may sign in', () => {
    const [, said = ''] = desk.log.split('Flowbit is ready:');
    expect(said).toContain(desk.url);
    for (const account of [LOGISTICS, RETAIL]) expect(said).toMatch(new RegExp(`${account} +${PASSWORD}`));
    expect(said).toMatch(/n8n +coming up/);
    expect(said).toContain('Ctrl-C stops everything.');
  });

  test('a ticket of before n8n was there is delivered when it is', async () => {
    const api = await desk.api(LOGISTICS);
    await expect
      .poll(async () => (await api.get<Ticket>(`/api/tickets/${early.id}`)).workflow?.state, {
        timeout: 90_000,
      })
      .toBe('done');
    expect(await ofWorkflow(api, early.id)).toHaveLength(1);
  });

  test('a ticket, its workflow, every browser of the company, none of another', async ({ browser }) => {
    const title = `Pallet ${Date.now()} is late`;
    const first = await desk.signIn(browser, LOGISTICS);
    const second = await desk.signIn(browser, LOGISTICS);
    const stranger = await desk.signIn(browser, RETAIL);
    // A reload would lose these.
    for (const page of [first, second]) await page.evaluate(() => Object.assign(window, { untouched: true }));

    // Each company has its own screens.
    await expect(first.getByRole('navigation', { name: 'Screens' })).toContainText('Support tickets');
    await expect(stranger.getByRole('link', { name: 'Kundenanfragen' })).toBeVisible();
    await expect(stranger.getByRole('link', { name: 'Support tickets' })).toHaveCount(0);
    await expect(first.getByRole('link', { name: 'Kundenanfragen' })).toHaveCount(0);

    // Another company's socket is open all the while.
    const retail = await desk.api(RETAIL);
    const heard: string[] = [];
    const socket = io(desk.url, { auth: { token: retail.token }, transports: ['websocket'] });
    socket.on('event', (event) => heard.push(JSON.stringify(event)));
    await new Promise<void>((resolve, reject) => {
      socket.on('hello', () => resolve());
      socket.on('connect_error', reject);
    });

    await expect(second.getByRole('list', { name: 'Tickets' })).toBeVisible();
    await first.getByRole('button', { name: 'New ticket' }).click();
    const dialog = first.getByRole('dialog', { name: 'New ticket' });
    await dialog.getByLabel('Title').fill(title);
    await dialog.getByLabel('Description').fill('The customer waits since Monday. Where is it?');
    await dialog.getByRole('button', { name: /Create ticket/ }).click();
    await expect(dialog).toBeHidden();

    // Both browsers show it at once, then in progress, by the workflow and without a reload.
    const row = second.getByRole('link', { name: new RegExp(title) });
    await expect(row).toBeVisible();
    const shown = await Promise.all([first, second].map((page) => whenShown(page, title, 'In progress')));
    await row.click();
    await expect(second.getByRole('heading', { name: title })).toBeVisible();
    const logistics = await desk.api(LOGISTICS);
    const found = await logistics.get<Page<Ticket>>(`/api/tickets?q=${title.split(' ')[1]}`);
    const ticket = found.items[0];
    if (!ticket) throw new Error('the ticket is not in the list');
    expect(ticket.status).toBe('in_progress');
    const called = await logistics.get<Page<{ timestamp: string }>>(
      `/api/admin/audit?ticketId=${ticket.id}&action=workflow.callback`,
    );
    const calledAt = Date.parse(called.items[0]?.timestamp ?? '');
    // A page that asked now and then instead of being told would be later than this.
    for (const at of shown) expect(at - calledAt).toBeLessThan(1000);
    const [answer] = await ofWorkflow(logistics, ticket.id);
    const beginning = answer?.body.split('\n')[0] ?? '';
    expect(beginning.length).toBeGreaterThan(0);
    const conversation = second.getByRole('region', { name: 'Conversation' });
    await expect(conversation).toContainText(beginning);

    // And the first browser too.
    if (!first.url().includes(ticket.id)) await first.getByRole('link', { name: new RegExp(title) }).click();
    await expect(first.getByRole('region', { name: 'Conversation' })).toContainText(beginning);
    for (const page of [first, second]) {
      expect(await page.evaluate(() => 'untouched' in window)).toBe(true);
    }

    // What one browser writes the other shows.
    await second.getByRole('textbox', { name: /reply/i }).fill('It leaves the terminal tonight.');
    await second.keyboard.press('Control+Enter');
    await expect(first.getByRole('region', { name: 'Conversation' })).toContainText(
      'It leaves the terminal tonight.',
    );

    await test.step('the other company has not a trace of it', async () => {
      const word = title.split(' ')[1] ?? '';
      for (const path of [`/api/tickets/${ticket.id}`, `/api/tickets/${ticket.id}/messages`]) {
        expect((await retail.call('GET', path)).status).toBe(404);
      }
      expect((await retail.call('PATCH', `/api/tickets/${ticket.id}`, { status: 'closed' })).status).toBe(
        404,
      );
      expect((await retail.call('DELETE', `/api/tickets/${ticket.id}`)).status).toBe(404);
      for (const path of [
        `/api/tickets?q=${word}`,
        '/api/tickets?limit=100',
        '/api/events?after=0&limit=500',
        '/api/admin/audit?limit=100',
        '/api/admin/audit?format=ndjson',
        '/api/admin/audit?format=csv',
        '/api/admin/deliveries?limit=100',
      ]) {
        const { status, text } = await retail.call('GET', path);
        expect(status, path).toBe(200);
        expect(text, path).not.toContain(word);
        expect(text, path).not.toContain(ticket.id);
      }
      // By its number neither, which their own tickets count as well.
      const numbered = await retail.get<Page<Ticket>>(`/api/tickets?q=${ticket.number}`);
      expect(numbered.items.map(({ id }) => id)).not.toContain(ticket.id);
      // Nor with a secret that is good for their own workflow.
      const { items: endpoints } = await retail.get<Page<{ id: string }>>('/api/admin/endpoints');
      const rotated = await retail.call('POST', `/api/admin/endpoints/${endpoints[0]?.id}/rotate-secret`);
      const { sharedSecret } = JSON.parse(rotated.text) as { sharedSecret: string };
      const called = await fetch(`${desk.url}/webhook/ticket-done`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-webhook-secret': sharedSecret },
        body: JSON.stringify({
          ticketId: ticket.id,
          callbackToken: 'eyJhbGciOiJub25lIn0.e30.',
          status: 'closed',
        }),
      });
      expect(called.status, await called.text()).toBe(401);
      expect(await logistics.get<Ticket>(`/api/tickets/${ticket.id}`)).toMatchObject({
        status: 'in_progress',
      });
      expect(heard.join('\n')).not.toContain(ticket.id);
      socket.close();
      await stranger.getByRole('searchbox').fill(word);
      await stranger.getByRole('searchbox').press('Enter');
      await expect(stranger.getByRole('link', { name: new RegExp(title) })).toHaveCount(0);
      const screen = new URL(stranger.url()).pathname.split('/')[1];
      await stranger.goto(`${desk.url}/${screen}/${ticket.id}`);
      await expect(stranger.locator('main')).not.toContainText(title);
    });

    await test.step('the trail says who did what, and verifies', async () => {
      await first.getByRole('link', { name: 'Audit trail' }).click();
      await expect(first.locator('main')).toContainText('Grace Whitfield');
      await first.getByRole('button', { name: /^Verify/ }).click();
      await expect(first.locator('main')).toContainText(/unbroken/i);
      const verified = await logistics.get<{ ok: boolean; firstBad: number | null }>(
        '/api/admin/audit/verify',
      );
      expect(verified).toMatchObject({ ok: true, firstBad: null });
      const about = await logistics.get<Page<{ action: string }>>(
        `/api/admin/audit?ticketId=${ticket.id}&limit=100`,
      );
      const actions = about.items.map((event) => event.action);
      for (const action of ['ticket.created', 'workflow.delivered', 'workflow.callback', 'ticket.updated']) {
        expect(actions).toContain(action);
      }
    });
    for (const page of [first, second, stranger]) await page.context().close();
  });

  test('a kill loses nothing, and what was under way takes effect once', async () => {
    test.setTimeout(300_000);
    const before = await desk.api(LOGISTICS);
    const titles = Array.from({ length: 5 }, (_, i) => `Killed in the middle ${i}`);
    const made = await Promise.all(titles.map((title) => before.call('POST', '/api/tickets', { title })));
    // Acknowledged; the deliveries are somewhere between here and the workflow's answer.
    await desk.kill();
    for (const answer of made) expect(answer.status, answer.text).toBe(201);
    const tickets = made.map((answer) => JSON.parse(answer.text) as Ticket);
    await desk.begin();

    const after = await desk.api(LOGISTICS);
    for (const ticket of tickets) {
      const kept = await after.get<Ticket>(`/api/tickets/${ticket.id}`);
      expect(kept).toMatchObject({ number: ticket.number, title: ticket.title });
      // A lease of before the kill ends by itself; then the delivery is made again.
      await expect
        .poll(async () => (await after.get<Ticket>(`/api/tickets/${ticket.id}`)).workflow?.state, {
          timeout: 150_000,
        })
        .toBe('done');
      expect(await ofWorkflow(after, ticket.id)).toHaveLength(1);
    }
    expect(await after.get('/api/admin/audit/verify')).toMatchObject({ ok: true });
  });
});
