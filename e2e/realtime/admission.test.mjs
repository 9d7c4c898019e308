/** Who may connect, and who is cut off again. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PASSWORD, Server, until } from './server.mjs';

describe('admission', () => {
  let server;
  let admin;
  before(async () => {
    server = await Server.start();
    admin = await server.signIn('admin@acme.example');
  });
  after(() => server.stop());

  /** Waits for the cut and checks that nothing is told afterwards. */
  async function assertCut(socket, reason) {
    await until(() => socket.heard.ends.length > 0, 'the cut');
    assert.deepEqual(socket.heard.goodbyes, [{ reason }]);
    assert.deepEqual(socket.heard.ends, ['io server disconnect']);
    const told = socket.heard.events.length;
    const watcher = await server.connect(admin);
    const ticket = await server.createTicket(admin, 'afterwards');
    await until(() => watcher.heard.events.some((event) => event.ticketId === ticket.id), 'the event');
    assert.equal(socket.heard.events.length, told);
    watcher.disconnect();
  }

  it('refuses whoever shows no good token', async () => {
    const elsewhere = await Server.start(['acme']);
    const foreign = await elsewhere.signIn('admin@acme.example');
    await elsewhere.stop();
    const [head, claims, signature] = admin.token.split('.');
    const decoded = JSON.parse(Buffer.from(claims, 'base64url'));
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const forged = {
      'nothing at all': undefined,
      'no token': {},
      'an empty token': '',
      'a number': { token: 7 },
      garbage: 'garbage',
      'a token of another server': foreign.token,
      'altered claims': `${head}.${encode({ ...decoded, role: 'user' })}.${signature}`,
      'no algorithm': `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`,
      'a very long token': 'x'.repeat(20_000),
    };
    for (const [what, auth] of Object.entries(forged)) {
      for (const transport of ['websocket', 'polling']) {
        const message = await server.refusal(auth ?? {}, { transports: [transport] });
        assert.equal(message, 'unauthenticated', `${what} over ${transport}`);
      }
    }
  });

  it('refuses other namespaces', async () => {
    const { io } = await import('socket.io-client');
    const socket = io(`${server.url}/admin`, {
      auth: { token: admin.token },
      transports: ['websocket'],
      forceNew: true,
    });
    const error = await new Promise((resolve) => socket.on('connect_error', resolve));
    assert.equal(error.message, 'Invalid namespace');
    socket.disconnect();
  });

  it('cuts one session at its logout, and not the person’s others', async () => {
    const agent = await server.hire(admin, 'logout@acme.example', 'agent');
    const again = await server.signIn('logout@acme.example');
    const [gone, stays] = [await server.connect(agent), await server.connect(again)];
    await server.ask('POST', '/api/auth/logout', { token: agent.token, cookie: agent.cookie });
    await assertCut(gone, 'revoked');
    assert.equal(stays.connected, true);
    assert.equal(await server.refusal(agent.token), 'unauthenticated');
    stays.disconnect();
  });

  it('cuts a person who is disabled', async () => {
    const agent = await server.hire(admin, 'disabled@acme.example', 'agent');
    const socket = await server.connect(agent);
    await server.ask('PATCH', `/api/admin/users/${agent.id}`, {
      token: admin.token,
      body: { active: false },
    });
    await assertCut(socket, 'revoked');
    assert.equal(await server.refusal(agent.token), 'unauthenticated');
  });

  it('cuts a person whose role changes, who then comes back with the new one', async () => {
    const agent = await server.hire(admin, 'demoted@acme.example', 'agent');
    const socket = await server.connect(agent);
    await server.ask('PATCH', `/api/admin/users/${agent.id}`, { token: admin.token, body: { role: 'user' } });
    await assertCut(socket, 'revoked');
    const back = await server.connect(agent);
    await server.createTicket(admin, 'not for users');
    const own = await server.createTicket(agent, 'their own');
    await until(() => back.heard.events.some((event) => event.ticketId === own.id), 'their own event');
    assert.equal(back.heard.events.length, 1);
    back.disconnect();
  });

  it('keeps a person whose name changes', async () => {
    const agent = await server.hire(admin, 'renamed@acme.example', 'agent');
    const socket = await server.connect(agent);
    await server.ask('PATCH', `/api/admin/users/${agent.id}`, {
      token: admin.token,
      body: { name: 'Another' },
    });
    const ticket = await server.createTicket(admin);
    await until(() => socket.heard.events.some((event) => event.ticketId === ticket.id), 'the event');
    assert.deepEqual(socket.heard.ends, []);
    socket.disconnect();
  });

  it('cuts the other sessions when a password is changed', async () => {
    const agent = await server.hire(admin, 'password@acme.example', 'agent');
    const other = await server.signIn('password@acme.example');
    const [own, elsewhere] = [await server.connect(agent), await server.connect(other)];
    await server.ask('POST', '/api/me/password', {
      token: agent.token,
      body: { currentPassword: PASSWORD, newPassword: 'another good password' },
    });
    await assertCut(elsewhere, 'revoked');
    assert.equal(own.connected, true);
    own.disconnect();
  });

  it('drops a connection that sends too much at once', async () => {
    const socket = await server.connect(admin);
    socket.emit('anything', 'x'.repeat(100_000));
    await until(() => socket.heard.ends.length > 0, 'the end');
    assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  });
});
