/** The desk without a mouse: each key does its work, none while someone types, and the focus comes back. */
import type { Locator, Page } from '@playwright/test';
import { expect, expectWritten, LOGISTICS, REPLY, raiseOwn, test } from './desk.ts';

function rows(page: Page): Locator {
  return page.getByRole('list', { name: 'Tickets' }).getByRole('link');
}

test('from list to ticket and back, and everything that can be done there', async ({ browser, desk }) => {
  // Nothing was left there that is not sent.
  await raiseOwn(await desk.api(LOGISTICS), 'The second of the list', 'The first of the list');
  const page = await desk.signIn(browser, LOGISTICS);
  const { keyboard } = page;
  await expect(rows(page).first()).toBeVisible();

  // Up and down, with the focus where the mark is.
  await keyboard.press('j');
  await expect(rows(page).nth(0)).toBeFocused();
  await keyboard.press('j');
  await expect(rows(page).nth(1)).toBeFocused();
  await keyboard.press('k');
  await keyboard.press('ArrowDown');
  const row = rows(page).nth(1);
  await expect(row).toBeFocused();

  // Selecting, and one step back at a time.
  await keyboard.press('x');
  const selected = page.getByRole('region', { name: 'Selected tickets' });
  await expect(selected).toContainText('1 selected');
  await keyboard.press('Escape');
  await expect(selected).toHaveCount(0);

  await keyboard.press('Enter');
  const title = page.locator('main').getByRole('heading', { level: 1 });
  await expect(title).toBeFocused();
  const shown = await title.textContent();

  // Walking on beside the open ticket.
  await keyboard.press('j');
  await expect(title).not.toHaveText(shown ?? '');
  await keyboard.press('k');
  await expect(title).toHaveText(shown ?? '');

  // The fields, each by its letter; Escape gives the focus back.
  const from = rows(page).nth(1);
  await expect(from).toBeFocused();
  for (const [key, name] of Object.entries({
    a: 'Assignee',
    s: 'Status',
    p: 'Priority',
    l: 'Tags',
    z: 'Snooze',
  })) {
    await keyboard.press(key);
    await expect(page.getByRole('combobox', { name })).toBeFocused();
    await keyboard.press('Escape');
    await expect(from).toBeFocused();
  }

  // Writing: every letter is a letter.
  const conversation = page.getByRole('region', { name: 'Conversation' });
  const written = 'jkxcrnaspl/?gi stay what they are';
  await keyboard.press('r');
  const reply = page.getByRole('textbox', { name: REPLY });
  await expect(reply).toBeFocused();
  await keyboard.type(written);
  await expectWritten(reply, written);
  await expect(title).toHaveText(shown ?? '');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await keyboard.press('Escape');
  await expect(title).toBeFocused();

  // What is for the team has a text of its own.
  await keyboard.press('n');
  const note = page.getByRole('textbox', { name: 'Internal note' });
  await expect(note).toBeFocused();
  await expectWritten(note, '');
  await keyboard.type('Only for us');
  await keyboard.press('Control+Enter');
  await expect(conversation.getByRole('article').filter({ hasText: 'Only for us' })).toContainText(
    'Internal note',
  );
  await keyboard.press('Escape');
  await keyboard.press('r');
  await expectWritten(reply, written);
  await keyboard.press('Escape');

  // Dialogs give the focus back as well.
  for (const [key, name] of [
    ['?', 'Keyboard shortcuts'],
    ['c', 'New ticket'],
    ['Control+k', 'Search or run a command'],
  ] as const) {
    await keyboard.press(key);
    await expect(page.getByRole('dialog', { name })).toBeVisible();
    await keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(title).toBeFocused();
  }

  // Its row has moved up with the note; it is the same row that has the focus.
  await keyboard.press('Escape');
  await expect(rows(page).filter({ hasText: shown ?? '' })).toBeFocused();
  await keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: 'Search tickets' })).toBeFocused();
  await keyboard.press('Escape');

  // To other screens: whoever had the focus is gone, so the screen has it.
  await keyboard.press('g');
  await keyboard.press('a');
  await expect(page.locator('main').getByRole('heading', { name: 'Audit trail' })).toBeVisible();
  await expect(page.getByRole('main', { name: 'Audit trail' })).toBeFocused();
  await keyboard.press('g');
  await keyboard.press('i');
  await expect(rows(page).first()).toBeVisible();
  await page.context().close();
});

test('every key that works is in the overview', async ({ browser, desk }) => {
  const page = await desk.signIn(browser, LOGISTICS);
  await rows(page).first().click();
  await expect(page.getByRole('region', { name: 'Conversation' })).toBeVisible();
  await page.keyboard.press('?');
  const overview = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(overview).toBeVisible();
  const keys = (await overview.locator('dd').allTextContents()).join(' ');
  for (const key of [
    'j',
    'k',
    '↵',
    'x',
    'c',
    'r',
    'n',
    'a',
    's',
    'p',
    'l',
    'L',
    'm',
    'z',
    '/',
    '?',
    'Esc',
    'gi',
    'gt',
    'ga',
  ]) {
    expect(keys).toContain(key);
  }
  for (const format of ['Bold', 'Numbered list', 'Code block']) await expect(overview).toContainText(format);
  // Switched off, single letters are nobody's; those with a modifier stay.
  await overview.getByRole('switch', { name: 'Single-key shortcuts' }).click();
  await page.keyboard.press('Escape');
  await expect(overview).toHaveCount(0);
  await page.keyboard.press('c');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Search or run a command' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(1);
  await page.context().close();
});

test('a person gives the desk keys of their own', async ({ browser, desk }) => {
  const page = await desk.signIn(browser, LOGISTICS);
  const { keyboard } = page;
  await expect(rows(page).first()).toBeVisible();
  await keyboard.press('?');
  const overview = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  const change = overview.getByRole('button', { name: 'Change the keys of “New ticket”' });

  // One that does something already, and one that is needed.
  await change.click();
  await keyboard.press('/');
  await expect(overview.getByRole('alert')).toHaveText('These keys already do: Search tickets.');
  await change.click();
  await keyboard.press('Control+w');
  await expect(overview.getByRole('alert')).toHaveText(/belong to the browser/);

  // Leaving it changes nothing, and closes nothing else.
  await change.click();
  await keyboard.press('Escape');
  await expect(change).toBeFocused();

  await keyboard.press('Enter');
  await keyboard.press('y');
  await expect(overview.getByText('“New ticket” has new keys.')).toBeAttached();
  await keyboard.press('Escape');
  await expect(overview).toHaveCount(0);

  const creation = page.getByRole('dialog', { name: 'New ticket' });
  await keyboard.press('c');
  await keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Search or run a command' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(1);
  await keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await keyboard.press('y');
  await expect(creation).toBeVisible();
  await keyboard.press('Escape');
  await expect(creation).toHaveCount(0);
  await page.reload();
  await expect(rows(page).first()).toBeVisible();
  await keyboard.press('y');
  await expect(creation).toBeVisible();
  await keyboard.press('Escape');
  await expect(creation).toHaveCount(0);

  await keyboard.press('?');
  await overview.getByRole('button', { name: 'Give all their own keys again' }).click();
  await keyboard.press('Escape');
  await keyboard.press('c');
  await expect(creation).toBeVisible();
});
