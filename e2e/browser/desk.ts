/**
 * A whole Flowbit for the browser tests, on free ports and an empty folder, with the demo companies: the
 * server alone, or, where a test asks for the real n8n, everything that `xtask start` starts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, test as base, expect, type Locator, type Page } from '@playwright/test';

export const PASSWORD = 'StrongDemo@2025!';
export const LOGISTICS = 'admin@logisticsco.com';
export const RETAIL = 'admin@retailgmbh.com';
/** Works on tickets at LogisticsCo. */
export const AGENT = 'anna.berg@logisticsco.com';
/** Where an answer is written, to somebody or, in a ticket of one's own, to whoever reads it. */
export const REPLY = /^(Reply to|Write a reply)/;
/** The screen that each has: whoever works on tickets, and who raises them. In English and in German. */
export const SCREENS = /^(Support tickets|Kundenanfragen|My requests|Meine Anfragen)$/;

interface Ready {
  flowbit: { url: string; pid: number };
  nodes: { url: string; pid: number }[];
  n8n: { url: string; pid: number } | null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Two neighbouring free ports: n8n's task runner takes the one after n8n's own. */
async function freePair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const next = createServer();
    const free = await new Promise<boolean>((resolve) => {
      next.once('error', () => resolve(false));
      next.listen(port + 1, '127.0.0.1', () => resolve(true));
    });
    if (free) {
      next.close();
      await once(next, 'close');
      return port;
    }
  }
}

/** Whether somebody is there who answers well. */
function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests by \`cargo xtask test --only e2e\``);
  return value;
}

/** On PostgreSQL it is always everything that `xtask start` starts: three nodes and a proxy before them. */
export const onPostgres = process.env.FLOWBIT_E2E_POSTGRES === '1';

export class Desk {
  url = '';
  private pids: number[] = [];
  private child: ChildProcess | undefined;
  /** What it has printed. */
  log = '';

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly n8nPort: number | undefined,
  ) {}

  /** `meanwhile` is done once Flowbit serves, while n8n may still be coming up. */
  static async start(options: {
    n8n: boolean;
    builds?: boolean;
    meanwhile?: (desk: Desk) => Promise<void>;
  }): Promise<Desk> {
    const folder = mkdtempSync(join(tmpdir(), 'flowbit-e2e-'));
    // Run by root, PostgreSQL is another user, who must come through to its own folder.
    if (onPostgres) chmodSync(folder, 0o711);
    const desk = new Desk(folder, await freePort(), options.n8n ? await freePair() : undefined);
    try {
      await desk.begin(options);
    } catch (error) {
      // Nobody else knows of it.
      await desk.stop();
      throw error;
    }
    return desk;
  }

  /**
   * Starts everything on the same folder and ports; done when n8n answers too. `builds`: as a newcomer starts
   * it, whatever is not built is built first.
   */
  async begin(options: { builds?: boolean; meanwhile?: (desk: Desk) => Promise<void> } = {}): Promise<void> {
    const beginning =
      this.n8nPort === undefined && !onPostgres
        ? this.beginServer()
        : this.beginAll(this.n8nPort, options.builds ?? false);
    await Promise.all([beginning, options.meanwhile?.(this)]);
  }

  /** Whether n8n answers. */
  n8nAnswers(): Promise<boolean> {
    return answers(`http://127.0.0.1:${this.n8nPort}/healthz`);
  }

  private async beginServer(): Promise<void> {
    this.url = `http://127.0.0.1:${this.port}`;
    const child = this.spawn(variable('FLOWBIT_BIN'), ['serve', '--demo'], {
      FLOWBIT_LISTEN: `127.0.0.1:${this.port}`,
      FLOWBIT_DATA: join(this.folder, 'data'),
      FLOWBIT_PUBLIC_URL: this.url,
      FLOWBIT_REGISTRY: fileURLToPath(new URL('../../registry.json', import.meta.url)),
    });
    await this.until(async () => child.exitCode !== null || (await answers(`${this.url}/readyz`)));
    if (child.exitCode !== null) throw new Error(`the server ended:\n${this.log}`);
    if (child.pid === undefined) throw new Error('the server has no process');
    this.pids = [child.pid];
  }

  private async beginAll(n8nPort: number | undefined, builds: boolean): Promise<void> {
    this.url = `http://127.0.0.1:${this.port}`;
    const ready = join(this.folder, 'ready.json');
    rmSync(ready, { force: true });
    const args = ['start', '--port', `${this.port}`, '--data', join(this.folder, 'data')];
    args.push('--ready-file', ready);
    if (!builds) args.push('--no-build');
    if (n8nPort === undefined) args.push('--no-n8n');
    else args.push('--n8n-port', `${n8nPort}`);
    if (onPostgres) args.push('--postgres', '--nodes', '3');
    const child = this.spawn(variable('FLOWBIT_XTASK'), args, {});
    // Where nothing was built before, building takes minutes.
    const within = builds ? 580_000 : undefined;
    await this.until(async () => child.exitCode !== null || existsSync(ready), within);
    if (!existsSync(ready)) throw new Error(`xtask start ended:\n${this.log}`);
    const found = JSON.parse(readFileSync(ready, 'utf8')) as Ready;
    this.url = found.flowbit.url;
    this.pids = found.nodes.map(({ pid }) => pid);
  }

  private spawn(program: string, args: string[], env: Record<string, string>): ChildProcess {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // The tests sign in more often than a person would.
      env: { ...process.env, FLOWBIT_RATE_LIMITS: 'off', FLOWBIT_METRICS_LISTEN: 'off', ...env },
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.log += chunk.toString();
      });
    }
    this.child = child;
    return child;
  }

  async until(condition: () => Promise<boolean>, timeout = 180_000): Promise<void> {
    await expect.poll(condition, { timeout, intervals: [200] }).toBe(true);
  }

  /** Kills the server as a power cut would, and waits until all of it is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child) return;
    for (const pid of this.pids) process.kill(pid, 'SIGKILL');
    if (child.exitCode === null) await once(child, 'exit');
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Calls the API as one person. */
  async api(email: string): Promise<Api> {
    const answer = await fetch(`${this.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: PASSWORD }),
    });
    expect(answer.status, await answer.clone().text()).toBe(200);
    const { accessToken } = (await answer.json()) as { accessToken: string };
    return new Api(this.url, accessToken);
  }

  /** A page of its own browser context, signed in. Nothing moves unless a test asks for it. */
  async signIn(
    browser: Browser,
    email: string,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<Page> {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    await page.goto(this.url);
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('link', { name: SCREENS })).toBeVisible();
    return page;
  }
}

export class Api {
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  async call(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
    const answer = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  }

  async get<T>(path: string): Promise<T> {
    const { status, text } = await this.call('GET', path);
    expect(status, text).toBe(200);
    return JSON.parse(text) as T;
  }
}

/** Makes something by the API. */
export async function make<T>(api: Api, path: string, body: unknown): Promise<T> {
  const { status, text } = await api.call('POST', path, body);
  expect(status, text).toBe(201);
  return JSON.parse(text) as T;
}

/** Tickets that are a person's to work on and new: the first in their list, the last raised before the others. */
export async function raiseOwn<T>(api: Api, ...titles: string[]): Promise<T[]> {
  const { user } = await api.get<{ user: { id: string } }>('/api/me');
  const raised: T[] = [];
  for (const title of titles) {
    raised.push(await make<T>(api, '/api/tickets', { title, assigneeId: user.id }));
  }
  return raised;
}

let raisers = 0;

/** Somebody new who raises tickets. */
export async function invite(desk: Desk, company = 'logisticsco.com'): Promise<{ email: string; api: Api }> {
  raisers += 1;
  const email = `raiser.${Date.now()}.${raisers}@${company}`;
  const person = { email, name: 'Pia Mobil', role: 'user', password: PASSWORD };
  await make(await desk.api(`admin@${company}`), '/api/admin/users', person);
  return { email, api: await desk.api(email) };
}

/** What is said at the ticket or request that is open. */
export function conversation(page: Page): Locator {
  return page.getByRole('region', { name: 'Conversation' });
}

/** What stands in a field where one writes to a ticket, line by line: a plain one until the editor is loaded. */
export async function expectWritten(field: Locator, text: string): Promise<void> {
  const read = () =>
    field.evaluate((element) =>
      element instanceof HTMLTextAreaElement
        ? element.value
        : [...element.children].map(({ textContent }) => textContent).join('\n'),
    );
  // It may be exchanged for the editor in this moment.
  await expect.poll(() => read().catch(() => null), { message: 'what is written' }).toBe(text);
}

/** Where one writes at the ticket that is open. */
export function composer(page: Page): Locator {
  return page.getByRole('region', { name: 'Write' });
}

/** Goes to a ticket by its address at the desk, which leads everybody to the screen that they have. */
export async function openTicket(page: Page, { id }: { id: string }): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/tickets/${id}`);
  await expect(page.getByRole('region', { name: 'Conversation' })).toBeVisible();
}

/** Skeletons and fades say nothing about the screen: wait until the page stands still. */
async function settled(page: Page): Promise<void> {
  // Before there is anything nothing is busy either; every page has one.
  await expect(page.locator('h1').first()).toBeAttached();
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))),
  );
}

/** axe finds nothing on the page as it is, once it stands still. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  await settled(page);
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  const found = violations.map((v) => `${v.id}: ${v.help}\n  ${v.nodes.map((n) => n.html).join('\n  ')}`);
  expect.soft(found, what).toEqual([]);
}

/** `desk`: one Flowbit without n8n for all tests of a file. */
export const test = base.extend<object, { desk: Desk }>({
  desk: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner reads which fixtures are wanted from the pattern
    async ({}, use) => {
      const desk = await Desk.start({ n8n: false });
      await use(desk);
      await desk.stop();
    },
    { scope: 'worker', timeout: 240_000 },
  ],
});

export { expect };
