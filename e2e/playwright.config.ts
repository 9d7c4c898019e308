/**
 * Browser tests against the real server and the real n8n. One browser program at a time: the tests share
 * one desk, and what one of them measures another must not disturb. Nothing is tried twice.
 */
import { defineConfig } from '@playwright/test';

/** About the browser alone, whichever engine answers: keys, phones, sizes, themes, screens and servers that are broken. */
const OF_THE_BROWSER = [
  'desk-admin',
  'haste',
  'keys',
  'page',
  'portal',
  'portal-look',
  'remotes',
  'screens',
  'writing',
];
/** About one ticket, whose rules the suites of the store and of HTTP hold on both engines. */
const OF_A_TICKET = ['attaching', 'attachments', 'drafts', 'links', 'macros', 'rich', 'snooze', 'split'];

export default defineConfig({
  testDir: 'browser',
  testIgnore:
    process.env.FLOWBIT_E2E_POSTGRES === '1'
      ? [...OF_THE_BROWSER, ...OF_A_TICKET].map((name) => `**/${name}.spec.ts`)
      : [],
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['./last-words.ts']],
  outputDir: 'test-results',
  use: {
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.FLOWBIT_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
