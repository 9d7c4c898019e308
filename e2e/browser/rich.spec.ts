/** Formatted text: written by the keyboard, seen as it was meant wherever it is read, and harmless whoever sends it. */
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
}
interface Message {
  id: string;
  body: string;
  html: string | null;
}

const text = (page: Page) => composer(page).getByRole('textbox', { name: /^(Reply|Write|Internal note)/ });

async function messagesOf(api: Api, { id }: Ticket): Promise<Message[]> {
  return (await api.get<{ items: Message[] }>(`/api/tickets/${id}/messages`)).items;
}

/** The editor has taken the place of the plain field. */
async function startWriting(page: Page, key: 'r' | 'n'): Promise<void> {
  await page.keyboard.press(key);
  await expect(composer(page).locator('[contenteditable="true"]')).toBeFocused();
}

test('what is written with formatting is read with it, by the team and by who asked', async ({
  browser,
  desk,
}) => {
  const raiser = await invite(desk);
  const agent = await desk.api(AGENT);
  const { user } = await (await desk.api(LOGISTICS)).get<{ user: { name: string } }>('/api/me');
  const ticket = await make<Ticket>(raiser.api, '/api/tickets', { title: 'Which papers do I need?' });
  const page = await desk.signIn(browser, AGENT);
  const other = await desk.signIn(browser, LOGISTICS, { colorScheme: 'dark' });
  const portal = await desk.signIn(browser, raiser.email, { viewport: { width: 390, height: 844 } });
  for (const one of [page, other, portal]) await openTicket(one, ticket);

  await startWriting(page, 'r');
  await page.keyboard.type('You need **both** of these, says ');
  await page.keyboard.press('@');
  await expect(page.getByRole('combobox', { name: 'Mention somebody' })).toBeFocused();
  await page.keyboard.type(user.name.slice(0, 4));
  await page.keyboard.press('Enter');
  await expect(text(page)).toBeFocused();
  await page.keyboard.type('\n- the `T1`\n');
  await page.keyboard.type('the invoice\n\n');
  await page.keyboard.type('> Which papers?\n\n');
  await page.keyboard.type('See ');
  await page.keyboard.press('Control+Shift+K');
  await page.keyboard.type('example.com/papers');
  await page.keyboard.press('Enter');
  await expect(text(page)).toBeFocused();
  await expect(
    page.getByRole('toolbar', { name: 'Formatting' }).getByRole('button', { name: 'Link' }),
  ).toBeVisible();
  await page.keyboard.type(' please');
  await expectAccessible(page, 'formatted text that is written');
  await page.keyboard.press('Control+Enter');

  for (const one of [page, other, portal]) {
    const said = conversation(one).getByRole('article').filter({ hasText: 'You need' });
    await expect(said.locator('strong', { hasText: 'both' })).toBeVisible();
    await expect(said.locator('ul > li')).toHaveText(['the T1', 'the invoice']);
    await expect(said.locator('ul code')).toHaveText('T1');
    await expect(said.locator('blockquote')).toHaveText('Which papers?');
    const link = said.getByRole('link', { name: 'example.com/papers' });
    await expect(link).toHaveAttribute('href', 'https://example.com/papers');
    await expect(link).toHaveAttribute('rel', /noopener/);
    await expectAccessible(one, 'formatted text that is read');
  }
  await expect(conversation(other).locator('mark')).toHaveText(`@${user.name}`);
  const [message] = await messagesOf(agent, ticket);
  expect(message?.body).toContain(`You need both of these, says @${user.name}`);
  expect(message?.body).not.toMatch(/[<>]p|\*\*/);
  expect(message?.html).toContain('<strong>both</strong>');

  // What is plain stays plain text: its lines, and what is between them.
  await page.keyboard.type('One line\nanother <b>\n\nafter an empty one');
  await page.keyboard.press('Control+Enter');
  await expect(conversation(other)).toContainText('after an empty one');
  const plain = (await messagesOf(agent, ticket)).at(-1);
  expect([plain?.body, plain?.html]).toEqual(['One line\nanother <b>\n\nafter an empty one', null]);
  for (const one of [page, other, portal]) await one.context().close();
});

test('a draft is taken up in another browser as it was formatted, and goes on from a quote', async ({
  browser,
  desk,
}) => {
  const admin = await desk.api(LOGISTICS);
  const agent = await desk.api(AGENT);
  const ticket = await make<Ticket>(admin, '/api/tickets', { title: 'Seal 12 is broken' });
  await make(admin, `/api/tickets/${ticket.id}/messages`, { body: 'Who saw it last?' });
  await make(admin, `/api/tickets/${ticket.id}/messages`, { body: 'A driver, I think', internal: true });
  const page = await desk.signIn(browser, AGENT);
  await openTicket(page, ticket);
  const message = conversation(page).getByRole('article').filter({ hasText: 'Who saw it last?' });
  await message.getByRole('button', { name: 'Quote' }).focus();
  await page.keyboard.press('Enter');
  await expect(text(page)).toBeFocused();
  await expect(text(page).locator('blockquote')).toHaveText('Who saw it last?');
  await page.keyboard.type('The *gate* did.');
  await expect(composer(page)).toContainText('Draft saved');

  const second = await desk.signIn(browser, AGENT);
  await openTicket(second, ticket);
  await expect(text(second).locator('blockquote')).toHaveText('Who saw it last?');
  await expect(text(second).locator('em')).toHaveText('gate');
  await startWriting(second, 'r');
  await second.keyboard.type(' At **six**.');
  await expect(text(second).locator('strong')).toHaveText('six');
  await expect(composer(second)).toContainText('Draft saved');

  // What the team alone may read is quoted to the team alone.
  const note = conversation(second).getByRole('article').filter({ hasText: 'A driver, I think' });
  await note.getByRole('button', { name: 'Quote' }).click();
  await expect(second.getByRole('radio', { name: /^Internal note/ })).toBeChecked();
  await expect(text(second).locator('blockquote')).toHaveText('A driver, I think');
  // Undoing brings nothing of the one into the other.
  for (let step = 0; step < 5; step += 1) await second.keyboard.press('Control+z');
  await expect(text(second)).not.toContainText('gate');
  await second.keyboard.press('Escape');
  await second.keyboard.press('r');
  await expect(text(second)).not.toContainText('driver');
  await second.keyboard.press('Control+Enter');
  await expect(conversation(page).locator('strong', { hasText: 'six' })).toBeVisible();
  await expectWritten(text(second), '');
  const sent = (await messagesOf(agent, ticket)).at(-1);
  expect(sent?.html).toContain('<blockquote>');
  expect(sent?.html).toContain('<em>gate</em>');
  for (const one of [page, second]) await one.context().close();
});

test('hostile HTML comes out harmless, whoever sends it', async ({ browser, desk }) => {
  const raiser = await invite(desk);
  const agent = await desk.api(AGENT);
  const ticket = await make<Ticket>(raiser.api, '/api/tickets', { title: 'Nothing to see' });
  const hostile =
    '<p onclick="steal()" style="position:fixed;inset:0">Read <b>this</b><script>alert(1)</script>' +
    '<img src="https://evil.example/x.png" onerror="alert(2)"><iframe src="https://evil.example"></iframe>' +
    '<svg onload="alert(3)"></svg></p><a href="javascript:alert(4)">here</a>' +
    '<style>* { display: none }</style><form action="https://evil.example"><input name="a"></form>';
  await make(agent, `/api/tickets/${ticket.id}/messages`, { html: hostile });
  const page = await desk.signIn(browser, AGENT);
  const portal = await desk.signIn(browser, raiser.email);
  for (const one of [page, portal]) {
    const met: string[] = [];
    one.on('dialog', (dialog) => {
      met.push(dialog.message());
      void dialog.dismiss();
    });
    one.on('request', (request) => {
      if (request.url().includes('evil.example')) met.push(request.url());
    });
    // Past the server as well: what it sends is not trusted either.
    await one.route('**/api/tickets/*/messages*', async (route) => {
      const answer = await route.fetch();
      const body = (await answer.json()) as { items?: Message[] };
      const items = body.items?.map((message) => ({ ...message, html: `${message.html}${hostile}` }));
      await route.fulfill({ response: answer, json: { ...body, ...(items ? { items } : {}) } });
    });
    await openTicket(one, ticket);
    const said = conversation(one).getByRole('article').filter({ hasText: 'Read this' });
    await expect(said.locator('p')).toHaveCount(2);
    await expect(
      said.locator('script, img, iframe, style, form, input, [onclick], [style*="fixed"]'),
    ).toHaveCount(0);
    await expect(said.locator('p svg, a[href^="javascript"]')).toHaveCount(0);
    // A draft of it is as harmless, where it is quoted.
    if (one === page) {
      await said.getByRole('button', { name: 'Quote' }).click();
      await expect(text(one).locator('blockquote')).toContainText('Read this');
      await expect(text(one).locator('script, img, iframe, style, form, [onclick], a')).toHaveCount(0);
    }
    expect(met).toEqual([]);
    await one.context().close();
  }
});
