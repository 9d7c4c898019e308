/**
 * The README's pictures, from a running server with the demo companies:
 * `npm run pictures --workspace e2e -- http://127.0.0.1:3000`
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';

const TICKET = 'Delivery to Tilburg refused';

const url = process.argv[2] ?? 'http://127.0.0.1:3000';
const folder = fileURLToPath(new URL('../docs/images/', import.meta.url));
await mkdir(folder, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.FLOWBIT_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  const page = await browser.newPage({
    colorScheme,
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
  });
  await page.goto(url);
  await page.getByLabel('Email').fill('admin@logisticsco.com');
  await page.getByLabel('Password', { exact: true }).fill('StrongDemo@2025!');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('list', { name: 'Tickets' }).getByRole('link', { name: TICKET }).click();
  await page.getByRole('region', { name: 'Conversation' }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
  // No ring of focus, no tooltip.
  await page.mouse.move(720, 4);
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await page.getByRole('tooltip').waitFor({ state: 'hidden' });
  await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)));
  await page.screenshot({ path: `${folder}desk-${colorScheme}.png` });
  await page.close();
}
await browser.close();
