/** Each screen in both themes, on a desk and on a phone: nothing for axe to find, no error in the console. */
import { expect, expectAccessible, LOGISTICS, raiseOwn, test } from './desk.ts';

const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries({ desk: DESK, phone: PHONE })) {
    test(`every screen, ${colorScheme}, ${size}`, async ({ browser, desk }) => {
      const problems: string[] = [];
      const context = await browser.newContext({ colorScheme, viewport, reducedMotion: 'reduce' });
      const page = await context.newPage();
      // Without a session yet, the first try to renew one is refused: that is how the shell knows.
      const expected = /401 \(Unauthorized\)/;
      page.on('console', (message) => {
        const text = message.text();
        if (['error', 'warning'].includes(message.type()) && !expected.test(text)) problems.push(text);
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.goto(desk.url);
      await expect(page.getByLabel('Email')).toBeVisible();
      await expectAccessible(page, 'sign-in');
      await context.close();

      const title = `Seen in ${colorScheme} on a ${size}`;
      await raiseOwn(await desk.api(LOGISTICS), title);
      const signedIn = await desk.signIn(browser, LOGISTICS, { colorScheme, viewport });
      signedIn.on('console', (message) => {
        const text = message.text();
        if (['error', 'warning'].includes(message.type()) && !expected.test(text)) problems.push(text);
      });
      signedIn.on('pageerror', (error) => problems.push(String(error)));
      const list = signedIn.getByRole('list', { name: 'Tickets' });
      await expect(list.getByRole('link').first()).toBeVisible();
      await expectAccessible(signedIn, 'tickets');
      // One that somebody has, so that everything a row can show stands on the ground of an open one.
      await list.getByRole('link', { name: title }).filter({ hasText: 'GW' }).click();
      await expect(signedIn.getByRole('region', { name: 'Conversation' })).toBeVisible();
      await expectAccessible(signedIn, 'ticket');
      for (const path of ['workflows', 'workflows/deliveries', 'users', 'screens', 'audit']) {
        await signedIn.goto(`${desk.url}/${path}`);
        await expect(signedIn.locator('main').getByRole('heading').first()).toBeVisible();
        await expectAccessible(signedIn, path);
      }
      await signedIn.goto(`${desk.url}/tickets`);
      await expect(list.getByRole('link').first()).toBeVisible();
      await signedIn.keyboard.press('c');
      await expect(signedIn.getByRole('dialog', { name: 'New ticket' })).toBeVisible();
      await expectAccessible(signedIn, 'new ticket');
      await signedIn.keyboard.press('Escape');
      await expect(signedIn.getByRole('dialog')).toHaveCount(0);
      await signedIn.keyboard.press('Control+k');
      await expect(signedIn.getByRole('dialog')).toBeVisible();
      await expectAccessible(signedIn, 'palette');
      expect(problems).toEqual([]);
      await signedIn.context().close();
    });
  }
}
