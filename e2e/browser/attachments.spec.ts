/** Files: picked, dropped or pasted, sent with what is written, shown, saved and deleted. */
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import {
  AGENT,
  type Api,
  type Desk,
  expect,
  expectAccessible,
  LOGISTICS,
  make,
  openTicket,
  REPLY,
  RETAIL,
  raiseOwn,
  test,
} from './desk.ts';

/** Only raises tickets, at LogisticsCo. */
const REQUESTER = 'tom.okafor@logisticsco.com';

interface Ticket {
  id: string;
  number: number;
  title: string;
}

interface Attachment {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  messageId: string | null;
}

interface Given {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** 2 × 2 pixels. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGM4oQEEJxggFAAergRhTGmrsAAAAABJRU5ErkJggg==',
  'base64',
);

/** One page that says something, in black on white. */
function pdfOf(words: string): Buffer {
  const stream = `BT /F1 48 Tf 40 100 Td (${words}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${`${at}`.padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 6\n0000000000 65535 f \n${table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF`;
  return Buffer.from(text, 'latin1');
}

const picture = (name = 'label.png'): Given => ({ name, mimeType: 'image/png', buffer: PNG });
const text = (name: string, words = 'Pallet 7, gate 3'): Given => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(words),
});
const pdf = (name = 'customs.pdf'): Given => ({
  name,
  mimeType: 'application/pdf',
  buffer: pdfOf('Release note'),
});

const composer = (page: Page): Locator => page.getByRole('region', { name: 'Write' });
const toSend = (page: Page): Locator => composer(page).getByRole('list', { name: 'Files to send' });
const chip = (page: Page, name: string): Locator =>
  toSend(page).getByRole('listitem').filter({ hasText: name });
const sendButton = (page: Page): Locator => composer(page).getByRole('button', { name: 'Send reply' });
const conversation = (page: Page): Locator => page.getByRole('region', { name: 'Conversation' });
const article = (page: Page, words: string): Locator =>
  conversation(page).getByRole('article').filter({ hasText: words });

/** By the picker. */
async function pick(page: Page, files: Given[], within: Locator = composer(page)): Promise<void> {
  const chosen = page.waitForEvent('filechooser');
  await within.getByRole('button', { name: 'Attach files' }).click();
  await (await chosen).setFiles(files);
}

/** Uploaded, every one of them. */
async function expectUploaded(page: Page, count: number): Promise<void> {
  await expect(toSend(page).locator('[data-state="done"]')).toHaveCount(count);
}

/** What a drag or the clipboard brings. */
function carry(page: Page, files: Given[]) {
  return page.evaluateHandle(
    (given) => {
      const data = new DataTransfer();
      for (const { name, type, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], name, { type }));
      }
      return data;
    },
    files.map(({ name, mimeType, buffer }) => ({ name, type: mimeType, base64: buffer.toString('base64') })),
  );
}

async function paste(page: Page, files: Given[]): Promise<void> {
  const clipboardData = await carry(page, files);
  await clipboardData.evaluate((data) => {
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
  });
}

/** Uploads a file by the API. */
async function upload(api: Api, { name, buffer }: Given): Promise<Attachment> {
  const answer = await fetch(`${api.url}/api/attachments?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.token}`, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(buffer),
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Attachment;
}

/** A ticket of this person's with one reply that has these files. */
async function raiseWith(api: Api, title: string, files: Given[], internal = false): Promise<Ticket> {
  const [ticket] = await raiseOwn<Ticket>(api, title);
  if (!ticket) throw new Error('no ticket');
  const attachments = [];
  for (const file of files) attachments.push((await upload(api, file)).id);
  await make(api, `/api/tickets/${ticket.id}/messages`, { body: 'See the files.', internal, attachments });
  return ticket;
}

async function filesOf(api: Api, ticket: Ticket): Promise<Attachment[]> {
  return (await api.get<{ items: Attachment[] }>(`/api/tickets/${ticket.id}/attachments`)).items;
}

/** A new ticket, open. */
async function begin(desk: Desk, page: Page, title: string): Promise<Ticket> {
  const [ticket] = await raiseOwn<Ticket>(await desk.api(AGENT), title);
  if (!ticket) throw new Error('no ticket');
  await openTicket(page, ticket);
  return ticket;
}

// What an earlier test has open makes the next ones slow.
test.afterEach(async ({ browser }) => {
  for (const context of browser.contexts()) await context.close();
});

test('files are picked, dropped and pasted, and seen at once by others', async ({ browser, desk }) => {
  const page = await desk.signIn(browser, AGENT);
  const other = await desk.signIn(browser, LOGISTICS);
  const ticket = await begin(desk, page, 'Label is unreadable');
  await openTicket(other, ticket);

  // Several at once, by the picker.
  await pick(page, [text('list.csv', 'a;b\n1;2\n'), pdf()]);
  await expectUploaded(page, 2);
  await expect(chip(page, 'list.csv')).toContainText('8 byte');
  await expect(composer(page)).toContainText('Write a few words to go with the files.');
  await expect(sendButton(page)).toBeDisabled();

  // Dragged over the ticket, not just over the field.
  const dragged = await carry(page, [picture()]);
  const zone = page.getByText('Drop files to send them with the reply');
  await conversation(page).dispatchEvent('dragenter', { dataTransfer: dragged });
  await expect(zone).toBeVisible();
  await conversation(page).dispatchEvent('dragleave', { dataTransfer: dragged });
  await expect(zone).toBeHidden();
  await conversation(page).dispatchEvent('dragenter', { dataTransfer: dragged });
  await conversation(page).dispatchEvent('dragover', { dataTransfer: dragged });
  await conversation(page).dispatchEvent('drop', { dataTransfer: dragged });
  await expect(zone).toBeHidden();
  await expectUploaded(page, 3);

  // Pasted; what has no name gets one that says when.
  await page.getByRole('textbox', { name: REPLY }).focus();
  await paste(page, [picture('image.png')]);
  await expectUploaded(page, 4);
  await expect(toSend(page)).toContainText(/image-\d{4}-\d\d-\d\d-\d{6}\.png/);

  await page.getByRole('button', { name: 'Remove list.csv' }).click();
  await expectUploaded(page, 3);
  await expect(page.getByRole('textbox', { name: REPLY })).toBeFocused();
  await page.keyboard.type('Here is the label.');
  await page.keyboard.press('Control+Enter');

  for (const one of [page, other]) {
    const files = article(one, 'Here is the label.').getByRole('list', { name: 'Attachments' });
    await expect(files.getByRole('listitem')).toHaveCount(3);
    await expect(files.getByRole('button', { name: 'Show customs.pdf' })).toBeVisible();
    // Small pictures are there without being asked for.
    await expect(files.getByRole('button', { name: 'Show label.png' }).locator('img')).toBeVisible();
  }
  await expect(toSend(page)).toHaveCount(0);
  const sent = await filesOf(await desk.api(AGENT), ticket);
  expect(sent.map(({ mediaType }) => mediaType).toSorted()).toEqual([
    'application/pdf',
    'image/png',
    'image/png',
  ]);
});

test('an upload says how far it is, holds the message up, and can be broken off', async ({
  browser,
  desk,
}) => {
  const page = await desk.signIn(browser, AGENT);
  await begin(desk, page, 'A slow line');
  await page.getByRole('textbox', { name: REPLY }).fill('With a large file.');
  await expect(sendButton(page)).toBeEnabled();

  const line = await page.context().newCDPSession(page);
  const speed = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 100_000 };
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', speed);
  await pick(page, [
    { name: 'video.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(900_000, 1) },
    { name: 'other.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(900_000, 2) },
  ]);
  const progress = chip(page, 'video.bin').getByRole('progressbar', { name: 'Uploading video.bin' });
  await expect.poll(async () => Number(await progress.getAttribute('value'))).toBeGreaterThan(0);
  await expect(chip(page, 'video.bin')).toContainText(/Uploading \d+%/);
  await expect(composer(page).getByRole('status').filter({ hasText: 'still being uploaded' })).toBeVisible();
  await expect(sendButton(page)).toBeDisabled();
  await page.getByRole('textbox', { name: REPLY }).press('Control+Enter');
  await expect(page.getByRole('textbox', { name: REPLY })).toHaveValue('With a large file.');
  await expectAccessible(page, 'while files are uploaded');

  const brokenOff = page.waitForEvent('requestfailed', (request) => request.url().includes('other.bin'));
  await page.getByRole('button', { name: 'Remove other.bin' }).click();
  await brokenOff;
  await expect(chip(page, 'other.bin')).toHaveCount(0);
  await line.send('Network.emulateNetworkConditions', { ...speed, uploadThroughput: -1 });
  await expectUploaded(page, 1);
  await expect(sendButton(page)).toBeEnabled();
});

test('what is refused says why at its place, and what failed is tried again', async ({ browser, desk }) => {
  const page = await desk.signIn(browser, AGENT);
  await begin(desk, page, 'Files that are not taken');
  const huge = { name: 'huge.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(27_000_000) };
  await pick(page, [huge, text(`${'x'.repeat(256)}.txt`)]);
  await expect(chip(page, 'huge.bin')).toContainText('Too large: at most 26.2 MB.');
  await expect(chip(page, 'xxx')).toContainText('255');
  await expect(toSend(page).locator('[data-state="failed"]')).toHaveCount(2);
  // Asking again would change nothing.
  await expect(toSend(page).getByRole('button', { name: /again$/ })).toHaveCount(0);
  await expect(
    composer(page).getByRole('status').filter({ hasText: 'huge.bin was not uploaded' }),
  ).toHaveCount(1);
  await page.getByRole('textbox', { name: REPLY }).fill('Without them.');
  await expect(sendButton(page)).toBeDisabled();
  await expect(composer(page)).toContainText('A file was not uploaded: try again, or remove it.');
  await expectAccessible(page, 'files that were refused');
  for (const name of ['huge.bin', 'xxx'])
    await chip(page, name).getByRole('button', { name: 'Remove' }).click();
  await expect(sendButton(page)).toBeEnabled();

  await page.route('**/api/attachments?*', (route) => route.abort());
  await pick(page, [text('notes.txt')]);
  await expect(chip(page, 'notes.txt')).toContainText('The server can’t be reached.');
  await page.unroute('**/api/attachments?*');
  await page.getByRole('button', { name: 'Upload notes.txt again' }).click();
  await expectUploaded(page, 1);

  // A message that can't be sent keeps its files, also when it is written on.
  await page.route('**/messages', (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue(),
  );
  await sendButton(page).click();
  const unsent = article(page, 'Without them.');
  await expect(unsent).toContainText('Not sent');
  await expect(unsent.getByRole('button', { name: 'Download notes.txt' })).toBeVisible();
  await unsent.getByRole('button', { name: 'Edit' }).click();
  await expectUploaded(page, 1);
  await page.unroute('**/messages');
  await sendButton(page).click();
  await expect(article(page, 'Without them.')).not.toContainText(/Sending|Not sent/);
  await expect(
    article(page, 'Without them.').getByRole('button', { name: 'Download notes.txt' }),
  ).toBeVisible();
});

test('files stay with the draft: at another ticket, and over a reload', async ({ browser, desk }) => {
  const page = await desk.signIn(browser, AGENT);
  const elsewhere = await begin(desk, page, 'Another ticket');
  const ticket = await begin(desk, page, 'A ticket with a draft');
  await pick(page, [text('kept.txt')]);
  await expectUploaded(page, 1);
  // The note has files of its own.
  await page.getByRole('radio', { name: /^Internal note/ }).click();
  await expect(toSend(page)).toHaveCount(0);
  await expect(page.getByRole('radio', { name: /^Reply.*has unsent files/ })).toBeVisible();
  await page.getByRole('radio', { name: /^Reply/ }).click();

  await openTicket(page, elsewhere);
  await expect(toSend(page)).toHaveCount(0);
  await openTicket(page, ticket);
  await expectUploaded(page, 1);
  await page.getByRole('textbox', { name: REPLY }).fill('As promised.');
  await page.reload();
  await expectUploaded(page, 1);
  await sendButton(page).click();
  await expect(
    article(page, 'As promised.').getByRole('button', { name: 'Download kept.txt' }),
  ).toBeVisible();
  await page.reload();
  await expect(article(page, 'As promised.')).toBeVisible();
  await expect(toSend(page)).toHaveCount(0);
});

test('pictures and PDF are shown, by keys from one to the next; all are saved as they were', async ({
  browser,
  desk,
}) => {
  const api = await desk.api(AGENT);
  const name = 'Übergabe „Tor 3“.txt';
  const drawing = {
    name: 'plan.svg',
    mimeType: 'image/svg+xml',
    buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
  };
  const ticket = await raiseWith(api, 'Papers', [picture(), text(name), pdf(), drawing]);
  const page = await desk.signIn(browser, AGENT);
  const forbidden: string[] = [];
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) forbidden.push(message.text());
  });
  await openTicket(page, ticket);
  const files = article(page, 'See the files.').getByRole('list', { name: 'Attachments' });

  const saving = page.waitForEvent('download');
  await files.getByRole('button', { name: `Download ${name}` }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe(name);
  expect(readFileSync(await saved.path(), 'utf8')).toBe('Pallet 7, gate 3');
  // What could run something is never shown.
  await expect(files.getByRole('button', { name: 'Download plan.svg' })).toBeVisible();

  await files.getByRole('button', { name: 'Show label.png' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'label.png' });
  await expect(dialog.getByRole('img', { name: 'label.png' })).toBeVisible();
  await expect(dialog).toContainText('1 of 2');
  await expectAccessible(page, 'a picture');

  await page.keyboard.press('ArrowRight');
  const paper = page.getByRole('dialog', { name: 'customs.pdf' });
  const sheet = paper.getByRole('img', { name: 'Page 1 of 1' });
  // Drawn, and there for those who hear it.
  await expect(paper.getByText('Release note')).toHaveCount(1);
  const dark = await sheet.evaluate((canvas: HTMLCanvasElement) => {
    const area = canvas.getContext('2d');
    const { data } = area?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
    let count = 0;
    for (let at = 0; at < data.length; at += 4)
      if ((data[at] ?? 255) < 80 && data[at + 3] === 255) count += 1;
    return count;
  });
  expect(dark).toBeGreaterThan(500);
  await expectAccessible(page, 'a PDF');
  const savingPdf = page.waitForEvent('download');
  await paper.getByRole('button', { name: 'Download' }).click();
  expect(readFileSync(await (await savingPdf).path()).equals(pdf().buffer)).toBe(true);

  await page.keyboard.press('ArrowLeft');
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(files.getByRole('button', { name: 'Show label.png' })).toBeFocused();

  // All of the ticket's in one place.
  const side = page.getByRole('region', { name: 'Attachments' });
  await side.getByRole('button', { name: 'Attachments (4)' }).click();
  await expect(side.getByRole('listitem')).toHaveCount(4);
  expect(forbidden).toEqual([]);
});

test('what can’t be read says so, and is still saved', async ({ browser, desk }) => {
  const broken = {
    name: 'broken.pdf',
    mimeType: 'application/pdf',
    buffer: Buffer.from('%PDF-1.7\nnothing'),
  };
  const ticket = await raiseWith(await desk.api(AGENT), 'A broken paper', [broken]);
  const page = await desk.signIn(browser, AGENT);
  await openTicket(page, ticket);
  await page.getByRole('button', { name: 'Show broken.pdf' }).click();
  const dialog = page.getByRole('dialog', { name: 'broken.pdf' });
  await expect(dialog.getByRole('alert')).toContainText('This file can’t be shown');
  await expect(dialog.getByRole('button', { name: 'Download' })).toBeEnabled();
});

test('a note’s file is the team’s alone, and another company has none of them', async ({ browser, desk }) => {
  const requester = await desk.api(REQUESTER);
  const agent = await desk.api(AGENT);
  const ticket = await make<Ticket>(requester, '/api/tickets', { title: 'Where is my parcel?' });
  const page = await desk.signIn(browser, AGENT);
  await openTicket(page, ticket);
  await page.getByRole('radio', { name: /^Internal note/ }).click();
  await pick(page, [text('internal.txt')]);
  await expectUploaded(page, 1);
  await page.getByRole('textbox', { name: 'Internal note' }).fill('Lost at gate 3.');
  await composer(page).getByRole('button', { name: 'Add note' }).click();
  await expect(
    article(page, 'Lost at gate 3.').getByRole('button', { name: 'Download internal.txt' }),
  ).toBeVisible();
  await pick(page, [text('public.txt')]);
  await page.getByRole('radio', { name: /^Reply/ }).click();
  await expect(toSend(page)).toHaveCount(0);
  await pick(page, [text('answer.txt')]);
  await expectUploaded(page, 1);
  await page.getByRole('textbox', { name: REPLY }).fill('We are looking.');
  await sendButton(page).click();
  await expect(
    article(page, 'We are looking.').getByRole('button', { name: 'Download answer.txt' }),
  ).toBeVisible();

  expect((await filesOf(agent, ticket)).map(({ name }) => name).toSorted()).toEqual([
    'answer.txt',
    'internal.txt',
  ]);
  expect((await filesOf(requester, ticket)).map(({ name }) => name)).toEqual(['answer.txt']);
  const hidden = (await filesOf(agent, ticket)).find(({ name }) => name === 'internal.txt');
  const shown = (await filesOf(agent, ticket)).find(({ name }) => name === 'answer.txt');
  expect((await requester.call('GET', `/api/attachments/${hidden?.id}`)).status).toBe(404);
  expect((await requester.call('GET', `/api/attachments/${shown?.id}`)).status).toBe(200);
  const stranger = await desk.api(RETAIL);
  expect((await stranger.call('GET', `/api/attachments/${shown?.id}`)).status).toBe(404);
  expect((await stranger.call('GET', `/api/tickets/${ticket.id}/attachments`)).status).toBe(404);
});

test('an admin deletes a file, and it is gone for all at once', async ({ browser, desk }) => {
  const ticket = await raiseWith(await desk.api(AGENT), 'Sent by mistake', [text('wages.txt'), picture()]);
  const admin = await desk.signIn(browser, LOGISTICS);
  const agent = await desk.signIn(browser, AGENT);
  await openTicket(admin, ticket);
  await openTicket(agent, ticket);
  await expect(agent.getByRole('button', { name: 'Download wages.txt' })).toBeVisible();
  await expect(agent.getByRole('button', { name: 'More about wages.txt' })).toHaveCount(0);

  await admin.getByRole('button', { name: 'More about wages.txt' }).click();
  await admin.getByRole('menuitem', { name: 'Delete file' }).click();
  const question = admin.getByRole('dialog', { name: 'Delete this file?' });
  await expect(question).toContainText('wages.txt');
  await expectAccessible(admin, 'whether to delete a file');
  await question.getByRole('button', { name: 'Delete file' }).click();
  for (const one of [admin, agent]) {
    await expect(one.getByRole('button', { name: 'Download wages.txt' })).toHaveCount(0);
    await expect(one.getByRole('button', { name: 'Show label.png' })).toBeVisible();
    await expect(conversation(one)).toContainText('deleted the file “wages.txt”');
  }
  await admin.goto(`${desk.url}/audit`);
  await expect(admin.getByText('File deleted').first()).toBeVisible();
});

test('a new ticket takes files along, and shows them with its description', async ({ browser, desk }) => {
  const page = await desk.signIn(browser, AGENT);
  await expect(page.getByRole('list', { name: 'Tickets' })).toBeVisible();
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog', { name: 'New ticket' });
  await dialog.getByLabel('Title').fill('Crate arrived open');
  await pick(page, [picture('crate.png'), text('papers.txt')], dialog);
  await expect(dialog.locator('[data-state="done"]')).toHaveCount(2);
  await paste(page, [picture('image.png')]);
  await expect(dialog.locator('[data-state="done"]')).toHaveCount(3);
  await expectAccessible(page, 'a new ticket with files');
  await dialog.getByRole('button', { name: 'Create ticket' }).click();
  await expect(dialog).toBeHidden();
  const description = conversation(page).getByRole('article').first();
  await expect(description.getByRole('listitem')).toHaveCount(3);
  await expect(description.getByRole('button', { name: 'Show crate.png' })).toBeVisible();
  await page.keyboard.press('c');
  await expect(dialog.getByRole('list', { name: 'Files to send' })).toHaveCount(0);
});

test('the palette opens the picker', async ({ browser, desk }) => {
  const page = await desk.signIn(browser, AGENT);
  await begin(desk, page, 'By the palette');
  await page.keyboard.press('Control+k');
  const chosen = page.waitForEvent('filechooser');
  await page.keyboard.type('attach files');
  await expect(page.getByRole('option', { name: /^Attach files/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await (await chosen).setFiles([text('from-palette.txt')]);
  await expectUploaded(page, 1);
});

for (const colorScheme of ['light', 'dark'] as const) {
  const long = `${'a very long name '.repeat(8)}.txt`;

  test(`files in a window, ${colorScheme}`, async ({ browser, desk }) => {
    const ticket = await raiseWith(await desk.api(LOGISTICS), `In ${colorScheme}`, [
      picture(),
      pdf(),
      text(long),
    ]);
    const page = await desk.signIn(browser, LOGISTICS, { colorScheme });
    await openTicket(page, ticket);
    await pick(page, [picture('next.png'), text(long)]);
    await expectUploaded(page, 2);
    await page
      .getByRole('region', { name: 'Attachments' })
      .getByRole('button', { name: /^Attachments/ })
      .click();
    await expectAccessible(page, `files, ${colorScheme}`);
  });

  test(`files on a phone, ${colorScheme}`, async ({ browser, desk }) => {
    const ticket = await raiseWith(await desk.api(LOGISTICS), `On a phone, ${colorScheme}`, [
      picture(),
      pdf(),
      text(long),
    ]);
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    const page = await desk.signIn(browser, LOGISTICS, { colorScheme, ...phone });
    await openTicket(page, ticket);
    await pick(page, [picture('next.png'), text(long)]);
    await expectUploaded(page, 2);
    await expect(sendButton(page)).toBeInViewport();
    await expectAccessible(page, `files on a phone, ${colorScheme}`);
    const cut = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      const wide = [...document.querySelectorAll('main, main section')].filter(
        (one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1,
      );
      return [scrollWidth > clientWidth, ...wide.map(({ outerHTML }) => outerHTML.slice(0, 120))];
    });
    expect(cut).toEqual([false]);
    await page.getByRole('button', { name: 'Show customs.pdf' }).click();
    const dialog = page.getByRole('dialog', { name: 'customs.pdf' });
    await expect(dialog.getByText('Release note')).toHaveCount(1);
    await expect(dialog.getByRole('button', { name: 'Download' })).toBeInViewport();
    await expectAccessible(page, `a PDF on a phone, ${colorScheme}`);
  });
}
