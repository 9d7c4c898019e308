/**
 * A Flowbit of its own for the realtime tests: a free port, an empty data folder, one or two
 * companies. The binary is `FLOWBIT_BIN`, or the debug build.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';

const binary =
  process.env.FLOWBIT_BIN ?? fileURLToPath(new URL('../../target/debug/flowbit', import.meta.url));
export const PASSWORD = 'a password for tests';

/** Nothing here takes longer unless it is broken. */
export const PATIENCE_MS = 30_000;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves as soon as `check` is true; looked at again whenever the event loop comes round. */
export async function until(check, what) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) assert.fail(`waited in vain for ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export class Server {
  static async start(slugs = ['acme']) {
    assert.ok(existsSync(binary), `${binary} is not there: build it with "cargo build -p flowbit-server"`);
    const server = new Server();
    server.folder = mkdtempSync(join(tmpdir(), 'flowbit-realtime-'));
    server.data = join(server.folder, 'data');
    server.port = await freePort();
    server.url = `http://127.0.0.1:${server.port}`;
    server.env = {
      PATH: process.env.PATH,
      FLOWBIT_DATA: server.data,
      FLOWBIT_LISTEN: `127.0.0.1:${server.port}`,
      FLOWBIT_METRICS_LISTEN: 'off',
      FLOWBIT_RATE_LIMITS: 'off',
      FLOWBIT_LOG: process.env.FLOWBIT_LOG ?? 'warn',
    };
    for (const slug of slugs) {
      const made = spawnSync(
        binary,
        [
          ...['tenant', 'create', '--slug', slug, '--name', slug],
          ...['--admin-email', `admin@${slug}.example`, '--admin-password-stdin'],
        ],
        { env: server.env, input: PASSWORD, encoding: 'utf8' },
      );
      assert.equal(made.status, 0, made.stderr);
    }
    server.process = spawn(binary, ['serve'], { env: server.env, stdio: ['ignore', 'inherit', 'inherit'] });
    await until(async () => {
      assert.equal(server.process.exitCode, null, 'the server ended while it was starting');
      return await fetch(`${server.url}/readyz`).then(
        (r) => r.ok,
        () => false,
      );
    }, 'the server');
    return server;
  }

  /** Ends it as an operator does; answers its exit code. */
  async stop() {
    if (this.process.exitCode === null) {
      const exited = once(this.process, 'exit');
      this.process.kill('SIGTERM');
      await exited;
    }
    rmSync(this.folder, { recursive: true, force: true });
    return this.process.exitCode;
  }

  async fetch(method, path, { token, body, cookie } = {}) {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(cookie ? { cookie } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = text === '' ? null : JSON.parse(text);
    return { status: response.status, json, cookie: response.headers.getSetCookie?.().join('; ') };
  }

  /** Like fetch, for what must succeed. */
  async ask(method, path, options) {
    const { status, json } = await this.fetch(method, path, options);
    assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  }

  async signIn(email) {
    const { status, json, cookie } = await this.fetch('POST', '/api/auth/login', {
      body: { email, password: PASSWORD },
    });
    assert.equal(status, 200, JSON.stringify(json));
    return { token: json.accessToken, user: json.user, cookie };
  }

  /** Adds a person to the admin's company and signs them in. */
  async hire(admin, email, role) {
    const added = await this.ask('POST', '/api/admin/users', {
      token: admin.token,
      body: { email, name: email, role, password: PASSWORD },
    });
    return { ...(await this.signIn(email)), id: added.id };
  }

  createTicket(person, title = 'A ticket') {
    return this.ask('POST', '/api/tickets', { token: person.token, body: { title } });
  }

  say(person, ticket, body, internal = false) {
    const path = `/api/tickets/${ticket.id}/messages`;
    return this.ask('POST', path, { token: person.token, body: { body, internal } });
  }

  /** All events that this person may see after a place. */
  async readEvents(person, after) {
    const items = [];
    for (;;) {
      const page = await this.ask('GET', `/api/events?after=${after}&limit=100`, { token: person.token });
      items.push(...page.items);
      if (page.lastSeq === after) return items;
      after = page.lastSeq;
      if (page.items.length < 100) return items;
    }
  }

  /** A socket, not yet connected, that notes all it hears. */
  socket(auth, options = {}) {
    const socket = io(this.url, {
      auth: typeof auth === 'string' ? { token: auth } : auth,
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      autoConnect: false,
      ...options,
    });
    const heard = { hellos: [], events: [], goodbyes: [], ends: [], errors: [] };
    socket.on('hello', (hello) => heard.hellos.push(hello));
    socket.on('event', (event) => heard.events.push(event));
    socket.on('goodbye', (goodbye) => heard.goodbyes.push(goodbye));
    socket.on('disconnect', (reason) => heard.ends.push(reason));
    socket.on('connect_error', (error) => heard.errors.push(error));
    return Object.assign(socket, { heard });
  }

  /** A socket that has heard its hello. */
  async connect(person, options) {
    const socket = this.socket(person.token, options);
    socket.connect();
    await until(() => {
      assert.deepEqual(socket.heard.errors, []);
      return socket.heard.hellos.length > 0;
    }, 'hello');
    return socket;
  }

  /** What an attempt to connect is refused with. */
  async refusal(auth, options) {
    const socket = this.socket(auth, options);
    socket.connect();
    const error = await until(() => socket.heard.errors[0], 'a refusal');
    assert.equal(socket.connected, false);
    assert.deepEqual(socket.heard.hellos, []);
    socket.disconnect();
    return error.message;
  }
}

export const seqs = (events) => events.map((event) => event.seq);

export function assertAscending(events) {
  for (let i = 1; i < events.length; i += 1) {
    assert.ok(events[i].seq > events[i - 1].seq, `seq ${events[i].seq} after ${events[i - 1].seq}`);
  }
}
