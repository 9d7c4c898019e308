/** Sending files: picked, dropped or pasted, with what is written. */

import {
  AGENT,
  composer,
  conversation,
  expect,
  expectAccessible,
  expectWritten,
  LOGISTICS,
  openTicket,
  REPLY,
  test,
} from './desk.ts';
import {
  article,
  begin,
  carry,
  chip,
  expectUploaded,
  filesOf,
  paste,
  pdf,
  pick,
  picture,
  sendButton,
  text,
  toSend,
} from './files.ts';

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
  await expectWritten(page.getByRole('textbox', { name: REPLY }), 'With a large file.');
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
