/**
 * `cargo xtask dev` on free ports: a change of the shell and of a screen appears in a page that is open and does
 * not load anew, a change of the server's sources starts it again, and one signal leaves no process behind.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const LOGISTICS = 'admin@logisticsco.com';
const PASSWORD = 'StrongDemo@2025!';

interface Ready {
  server: number;
  programs: Record<string, number>;
}

/** As many free ports beside each other, for the screens. */
async function freeRow(length: number): Promise<number> {
  for (;;) {
    const first = createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const address = first.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const others = Array.from({ length: length - 1 }, (_, n) =>
      createServer().listen(address.port + n + 1, '127.0.0.1'),
    );
    const free = await Promise.all(
      others.map((server) =>
        Promise.race([once(server, 'listening').then(() => true), once(server, 'error').then(() => false)]),
      ),
    );
    for (const server of [first, ...others]) if (server.listening) server.close();
    if (free.every(Boolean)) return address.port;
  }
}

/** The web side's sources in a folder of their own: the checkout is not the tests' to change. */
function layWeb(folder: string): void {
  for (const part of [
    'package.json',
    'tsconfig.base.json',
    'docs/openapi.json',
    'web/packages',
    'web/shell',
    'web/remotes',
  ]) {
    cpSync(join(CHECKOUT, part), join(folder, part), { recursive: true });
  }
  execFileSync('cp', ['-al', join(CHECKOUT, 'node_modules'), join(folder, 'node_modules')]);
}

function change(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  expect(text.split(from)).toHaveLength(2);
  writeFileSync(file, text.replace(from, to));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

let folder: string;
let child: ChildProcess;
let log = '';
let url: string;
let api: string;

const ready = (): Ready => JSON.parse(readFileSync(join(folder, 'ready.json'), 'utf8')) as Ready;

test.beforeAll(async () => {
  const xtask = process.env.FLOWBIT_XTASK;
  if (!xtask) throw new Error('FLOWBIT_XTASK is not set: run `cargo xtask test --only dev`');
  folder = mkdtempSync(join(tmpdir(), 'flowbit-dev-'));
  layWeb(join(folder, 'web'));
  const port = await freeRow(6);
  url = `http://127.0.0.1:${port}`;
  api = `http://127.0.0.1:${port + 1}`;
  const ports = ['--port', `${port}`, '--api-port', `${port + 1}`, '--remote-port', `${port + 2}`];
  const places = ['--data', join(folder, 'data'), '--web', join(folder, 'web')];
  child = spawn(xtask, ['dev', ...ports, ...places, '--ready-file', join(folder, 'ready.json')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FLOWBIT_RATE_LIMITS: 'off', FLOWBIT_METRICS_LISTEN: 'off' },
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  await expect
    .poll(() => child.exitCode !== null || existsSync(join(folder, 'ready.json')), { timeout: 240_000 })
    .toBe(true);
  expect(child.exitCode, log).toBeNull();
});

test.afterAll(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

async function signIn(page: Page): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Email').fill(LOGISTICS);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('list', { name: 'Tickets' })).toBeVisible();
}

/** Whether the page is still the one that was marked: one that loads anew has forgotten it. */
async function mark(page: Page): Promise<() => Promise<boolean>> {
  await page.evaluate(() => {
    (window as { flowbitMark?: boolean }).flowbitMark = true;
  });
  return () => page.evaluate(() => (window as { flowbitMark?: boolean }).flowbitMark === true);
}

test('changes of a screen and of the shell appear in the page that is open', async ({ page }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await signIn(page);
  expect(
    asked.some((address) =>
      address.startsWith(url.replace(/\d+$/, (port) => `${Number(port) + 2}/mf-manifest`)),
    ),
  ).toBe(true);
  // The socket came through the page's own server as well.
  await expect(
    page
      .getByRole('status', { name: /Live/ })
      .or(page.getByText('Live', { exact: true }))
      .first(),
  ).toBeVisible();
  const isSame = await mark(page);
  await expect(page.getByRole('button', { name: 'New ticket' })).toBeVisible();

  const toolbar = join(folder, 'web/web/remotes/support-tickets/src/list/list-toolbar.tsx');
  change(toolbar, "create: 'New ticket'", "create: 'Raise a ticket'");
  await expect(page.getByRole('button', { name: 'Raise a ticket' })).toBeVisible();
  expect(await isSame(), 'the screen changed without the page being loaded anew').toBe(true);

  const navigation = join(folder, 'web/web/shell/src/layout/navigation.tsx');
  change(navigation, "'Fold navigation'", "'Make room'");
  await expect(page.getByRole('button', { name: 'Make room' })).toBeVisible();
  expect(await isSame(), 'the shell changed without the page being loaded anew').toBe(true);
});

test('the server is started again when its sources change', async () => {
  const before = ready().server;
  const now = new Date();
  utimesSync(join(CHECKOUT, 'crates/server/src/main.rs'), now, now);
  await expect.poll(() => ready().server, { timeout: 180_000 }).not.toBe(before);
  expect(isAlive(before)).toBe(false);
  expect((await fetch(`${api}/readyz`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status, 'by way of the page as well').toBe(200);
});

test('one signal ends all of it', async () => {
  const { server, programs } = ready();
  const all = [server, ...Object.values(programs)];
  expect(all.length).toBeGreaterThanOrEqual(4);
  expect(all.every(isAlive)).toBe(true);
  const inGroups = () =>
    execFileSync('ps', ['-eo', 'pid=,pgid='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .filter(([, group]) => group !== undefined && all.includes(group));
  expect(inGroups().length).toBeGreaterThanOrEqual(all.length);
  child.kill('SIGINT');
  const [code] = (await once(child, 'exit')) as [number | null];
  expect(code, log).toBe(0);
  expect(inGroups()).toEqual([]);
  await expect(fetch(`${api}/healthz`)).rejects.toThrow();
});
