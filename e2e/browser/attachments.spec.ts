/** Files that were sent: shown, saved, seen by whom they are for, and deleted. */

import { readFileSync } from 'node:fs';
import {
  AGENT,
  composer,
  conversation,
  expect,
  expectAccessible,
  LOGISTICS,
  make,
  openTicket,
  REPLY,
  RETAIL,
  test,
} from './desk.ts';
import {
  article,
  expectUploaded,
  filesOf,
  pdf,
  pick,
  picture,
  REQUESTER,
  raiseWith,
  sendButton,
  type Ticket,
  text,
  toSend,
} from './files.ts';

test.afterEach(async ({ browser }) => {
  for (const context of browser.contexts()) await context.close();
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
