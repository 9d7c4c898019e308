/**
 * The full stack: a person signs in, the screen comes from its own origin, a new ticket goes to n8n and back, and
 * the screen alone is replaced.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, type Page, type Request, test } from '@playwright/test';

const LOGISTICS = 'admin@logisticsco.com';
const PASSWORD = 'StrongDemo@2025!';

interface Addresses {
  shell: string;
  api: string;
  screen: string;
  n8n: string;
  n8nPassword: string;
  /** A file: made, it asks for the other build of the screen; gone, it has been put in its place. */
  replace: string;
}

function readAddresses(): Addresses {
  const file = process.env.FLOWBIT_COMPOSE;
  if (!file) throw new Error('FLOWBIT_COMPOSE is not set: run `cargo xtask test --only compose`');
  return JSON.parse(readFileSync(file, 'utf8')) as Addresses;
}

const at = readAddresses();

/** Everything that the page asks for from now on, and what its policies refuse. */
class Watch {
  readonly requests: Request[] = [];
  readonly refusals: string[] = [];

  constructor(page: Page) {
    page.on('request', (request) => this.requests.push(request));
    page.on('console', (message) => {
      if (/Content Security Policy|CORS/.test(message.text())) this.refusals.push(message.text());
    });
  }

  from(origin: string, type: string): string[] {
    return this.requests
      .filter((request) => request.resourceType() === type && request.url().startsWith(`${origin}/`))
      .map((request) => request.url());
  }
}

async function signIn(page: Page): Promise<void> {
  await page.goto(at.shell);
  await page.getByLabel('Email').fill(LOGISTICS);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('list', { name: 'Tickets' })).toBeVisible();
}

test('the screen comes from its own origin, and policies let it through', async ({ page }) => {
  const watch = new Watch(page);
  await signIn(page);
  expect(watch.from(at.screen, 'fetch')).toEqual([`${at.screen}/mf-manifest.json`]);
  expect(watch.from(at.screen, 'script').length).toBeGreaterThan(1);
  const own = watch.requests.filter((request) => request.url().includes('/remotes/support-tickets/'));
  expect(own, 'none of it is the copy that the server has').toEqual([]);
  expect(watch.refusals).toEqual([]);

  // What has a hash in its name is kept, what leads to it is asked for each time; both compressed by the build.
  const [script] = watch.from(at.screen, 'script');
  for (const [url, kept] of [
    [script ?? '', 'public, max-age=31536000, immutable'],
    [`${at.screen}/mf-manifest.json`, 'no-cache'],
  ] as const) {
    const answer = await fetch(url, { headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers.get('cache-control')).toBe(kept);
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  }
  const missing = await fetch(`${at.screen}/nothing.js`);
  expect([missing.status, missing.headers.get('cache-control')]).toEqual([404, null]);
});

test('the same server answers programs at its other port, and a new ticket goes to n8n and back', async ({
  page,
}) => {
  await signIn(page);
  const json = { 'content-type': 'application/json' };
  const session = await fetch(`${at.api}/api/auth/login`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ email: LOGISTICS, password: PASSWORD }),
  });
  expect(session.status).toBe(200);
  const { accessToken } = (await session.json()) as { accessToken: string };
  const headers = { ...json, authorization: `Bearer ${accessToken}` };
  const title = `A pallet that went through the whole stack ${Date.now()}`;
  const raised = await fetch(`${at.api}/api/tickets`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ title }),
  });
  expect(raised.status).toBe(201);
  const { id } = (await raised.json()) as { id: string };
  await expect(page.getByRole('list', { name: 'Tickets' }).getByText(title)).toBeVisible();
  const look = async () => {
    const answer = await fetch(`${at.api}/api/tickets/${id}`, { headers });
    const ticket = (await answer.json()) as { status: string; workflow: { state: string } | null };
    return [ticket.status, ticket.workflow?.state];
  };
  await expect.poll(look, { timeout: 30_000 }).toEqual(['in_progress', 'done']);
});

test("n8n's first account is the operator's from the first moment", async () => {
  const settings = await fetch(`${at.n8n}/rest/settings`);
  const { data } = (await settings.json()) as { data: { userManagement: { showSetupOnFirstLoad: boolean } } };
  expect(data.userManagement.showSetupOnFirstLoad).toBe(false);
  const signIn = (password: string) =>
    fetch(`${at.n8n}/rest/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ emailOrLdapLoginId: 'owner@flowbit.example', password }),
    });
  expect((await signIn(`${at.n8nPassword}x`)).status).toBe(401);
  expect((await signIn(at.n8nPassword)).status).toBe(200);
});

test('the screen is replaced alone: whoever is in it goes on, and gets the new one at the next load', async ({
  page,
}) => {
  // With an engine an image is built meanwhile.
  test.setTimeout(600_000);
  const before = new Watch(page);
  await signIn(page);
  const old = page.getByRole('button', { name: 'New ticket' });
  const next = page.getByRole('button', { name: 'Raise a ticket' });
  await expect(old).toBeVisible();
  writeFileSync(at.replace, '');
  await expect.poll(() => existsSync(at.replace), { timeout: 540_000 }).toBe(false);

  // The page that is open has what it needs, and is not told.
  await page.getByRole('list', { name: 'Tickets' }).getByRole('listitem').first().click();
  await expect(
    page
      .getByRole('region', { name: 'Ticket' })
      .or(page.getByRole('group', { name: 'Ticket' }))
      .first(),
  ).toBeVisible();
  await expect(next).toHaveCount(0);

  const after = new Watch(page);
  await page.goto(`${at.shell}/tickets`);
  await expect(next).toBeVisible();
  await expect(old).toHaveCount(0);
  const names = (urls: string[]) => [...new Set(urls)].sort();
  expect(names(after.from(at.screen, 'script'))).not.toEqual(names(before.from(at.screen, 'script')));
  const shell = names(before.from(at.shell, 'script')).filter((url) => url.includes('/static/'));
  expect(names(after.from(at.shell, 'script')).every((url) => shell.includes(url))).toBe(true);
  expect(after.refusals).toEqual([]);
});
