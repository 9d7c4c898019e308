/**
 * Keys that come faster than the page: each is for what the key before it has opened, none is lost, none is
 * taken for a command. The machine may be slow; what a hand has typed stays what it was.
 */
import type { Locator, Page } from '@playwright/test';
import { expect, expectWritten, LOGISTICS, REPLY, raiseOwn, test } from './desk.ts';
import { pressAtOnce } from './typing.ts';

/** Each of its letters would do something, were it not in a field. */
const HASTY = 'jkxcrnaspl gi';

function rows(page: Page): Locator {
  return page.getByRole('list', { name: 'Tickets' }).getByRole('link');
}

function titleOf(page: Page): Locator {
  return page.locator('main').getByRole('heading', { level: 1 });
}

for (const reducedMotion of ['reduce', 'no-preference'] as const) {
  test.describe(`motion: ${reducedMotion}`, () => {
    test('what is typed after a key is in the field that the key opens', async ({ browser, desk }) => {
      const page = await desk.signIn(browser, LOGISTICS, { reducedMotion });
      await expect(rows(page).first()).toBeVisible();
      const address = page.url();

      await pressAtOnce(page, 'c', ...HASTY, 'Tab', ...HASTY);
      const dialog = page.getByRole('dialog', { name: 'New ticket' });
      await expect(dialog.getByRole('textbox', { name: 'Title' })).toHaveValue(HASTY);
      const description = dialog.getByRole('textbox', { name: 'Description' });
      await expect(description).toHaveValue(HASTY);
      await expect(description).toBeFocused();
      await page.keyboard.press('Escape');
      await expect(dialog).toHaveCount(0);

      await pressAtOnce(page, 'Control+k', ...HASTY);
      const palette = page.getByRole('dialog', { name: 'Search or run a command' });
      await expect(palette.getByRole('combobox')).toHaveValue(HASTY);
      await page.keyboard.press('Escape');
      await expect(palette).toHaveCount(0);

      // Nothing of it was a command.
      await expect(page.getByRole('region', { name: 'Selected tickets' })).toHaveCount(0);
      expect(page.url()).toBe(address);

      await pressAtOnce(page, 'f', ...HASTY);
      await expect(page.getByRole('combobox', { name: 'Filter' })).toHaveValue(HASTY);
      await page.keyboard.press('Escape');

      await pressAtOnce(page, '/', ...HASTY);
      await expect(page.getByRole('searchbox', { name: 'Search tickets' })).toHaveValue(HASTY);
      await page.context().close();
    });

    test('Escape in a list or in the palette over a dialog closes that alone', async ({ browser, desk }) => {
      const page = await desk.signIn(browser, LOGISTICS, { reducedMotion });
      await expect(rows(page).first()).toBeVisible();
      await pressAtOnce(page, 'c', ...HASTY);
      const dialog = page.getByRole('dialog', { name: 'New ticket' });
      await dialog.getByRole('button', { name: /^Priority/ }).click();
      const choice = page.getByRole('combobox', { name: 'Priority' });
      await expect(choice).toBeFocused();
      await page.keyboard.press('Escape');
      await expect(choice).toHaveCount(0);
      await expect(dialog.getByRole('button', { name: /^Priority/ })).toBeFocused();
      // So does the palette, above it.
      await pressAtOnce(page, 'Control+k', ...HASTY, 'Escape');
      await expect(page.getByRole('dialog', { name: 'Search or run a command' })).toHaveCount(0);
      await expect(dialog.getByRole('textbox', { name: 'Title' })).toHaveValue(HASTY);
      await expect(dialog.getByRole('button', { name: /^Priority/ })).toBeFocused();
      await page.keyboard.press('Escape');
      await expect(dialog).toHaveCount(0);
      await page.context().close();
    });

    test('what is typed into an open ticket is too', async ({ browser, desk }) => {
      // Nothing was left there that is not sent.
      await raiseOwn(await desk.api(LOGISTICS), 'Typed into in haste');
      const page = await desk.signIn(browser, LOGISTICS, { reducedMotion });
      await rows(page).first().click();
      const title = titleOf(page);
      await expect(title).toBeFocused();
      const shown = (await title.textContent()) ?? '';

      for (const [key, name] of Object.entries({ a: 'Assignee', s: 'Status', p: 'Priority', l: 'Tags' })) {
        await pressAtOnce(page, key, ...HASTY);
        await expect(page.getByRole('combobox', { name })).toHaveValue(HASTY);
        await page.keyboard.press('Escape');
        await expect(title).toBeFocused();
      }
      await pressAtOnce(page, 'r', ...HASTY);
      const reply = page.getByRole('textbox', { name: REPLY });
      await expectWritten(reply, HASTY);
      await pressAtOnce(page, 'Escape', 'n', ...HASTY);
      await expectWritten(page.getByRole('textbox', { name: 'Internal note' }), HASTY);
      await expect(title).toHaveText(shown);
      await expect(page.getByRole('dialog')).toHaveCount(0);
      await page.context().close();
    });

    test('Escape right after a key undoes that key alone, and the focus is where it was', async ({
      browser,
      desk,
    }) => {
      const page = await desk.signIn(browser, LOGISTICS, { reducedMotion });
      await rows(page).first().click();
      const title = titleOf(page);
      await expect(title).toBeFocused();
      const shown = (await title.textContent()) ?? '';
      for (const key of ['?', 'c', 'Control+k', 'f', 'a', 's', 'p', 'l', 'r', 'n']) {
        await pressAtOnce(page, key, 'Escape');
        await expect(page.getByRole('dialog'), key).toHaveCount(0);
        await expect(title, key).toBeFocused();
        await expect(title, key).toHaveText(shown);
      }
      // The key after that finds the focus back in the list.
      await pressAtOnce(page, 'Escape', 'j', 'c', 'Escape', 'j', 'x');
      await expect(page.getByRole('region', { name: 'Selected tickets' })).toContainText('1 selected');
      await expect(rows(page).nth(2)).toBeFocused();
      await page.context().close();
    });
  });
}

test('a key after a step in the list is for the ticket that is marked', async ({ browser, desk }) => {
  await raiseOwn(await desk.api(LOGISTICS), 'The one after the step', 'The one before the step');
  const page = await desk.signIn(browser, LOGISTICS);
  await rows(page).first().click();
  await expect(titleOf(page)).toBeFocused();
  const next = (await rows(page).nth(1).locator('[class*="titleText"]').textContent()) ?? '';
  await pressAtOnce(page, 'j', 'r', ...HASTY);
  await expect(titleOf(page)).toHaveText(next);
  await expectWritten(page.getByRole('textbox', { name: REPLY }), HASTY);
  await page.context().close();
});

test('a macro is chosen before the list of macros is here', async ({ browser, desk }) => {
  const api = await desk.api(LOGISTICS);
  const body = 'It is on its way.';
  for (const name of ['Another one', 'On its way']) {
    const made = await api.call('POST', '/api/macros', {
      name,
      body: name[0] === 'O' ? body : 'No',
      shared: true,
    });
    expect(made.status, made.text).toBe(201);
  }
  await raiseOwn(api, 'A macro in haste');
  const page = await desk.signIn(browser, LOGISTICS, { reducedMotion: 'no-preference' });
  await rows(page).first().click();
  await expect(titleOf(page)).toBeFocused();
  let release = () => {};
  const isHeld = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/api/macros?*', async (route) => {
    await isHeld;
    await route.continue();
  });
  const reply = page.getByRole('textbox', { name: REPLY });

  await pressAtOnce(page, 'r', '/', ...'way', 'Enter');
  const list = page.getByRole('combobox', { name: 'Macros' });
  await expect(list).toHaveValue('way');
  await expect(page.getByRole('status').filter({ hasText: 'Loading' })).toBeVisible();
  release();
  await expectWritten(reply, body);
  await expect(reply).toBeFocused();

  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await pressAtOnce(page, '/', 'Escape', ...HASTY);
  await expect(list).toHaveCount(0);
  await expectWritten(reply, `/${HASTY}`);
  await page.context().close();
});
