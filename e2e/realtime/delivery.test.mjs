/** What sockets are told: everything they may see, in order, from the first event on. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { assertAscending, Server, seqs, until } from './server.mjs';

describe('delivery', () => {
  let server;
  let admin;
  before(async () => {
    server = await Server.start(['acme', 'globex']);
    admin = await server.signIn('admin@acme.example');
  });
  after(() => server.stop());

  for (const transport of ['websocket', 'polling']) {
    it(`tells an event as the feed does, over ${transport}`, async () => {
      const socket = await server.connect(admin, { transports: [transport] });
      const [{ lastSeq }] = socket.heard.hellos;
      const ticket = await server.createTicket(admin, `Over ${transport}`);
      const told = await until(() => socket.heard.events.find((e) => e.ticketId === ticket.id), 'the event');
      assert.ok(told.seq > lastSeq);
      assert.equal(told.action, 'ticket.created');
      assert.equal(told.data.title, `Over ${transport}`);
      const fed = await server.readEvents(admin, told.seq - 1);
      assert.deepEqual(told, fed[0]);
      socket.disconnect();
    });
  }

  it('upgrades from polling to websocket without losing anything', async () => {
    const socket = await server.connect(admin, { transports: ['polling', 'websocket'] });
    const [{ lastSeq }] = socket.heard.hellos;
    const made = [];
    await until(async () => {
      made.push(await server.createTicket(admin));
      return socket.io.engine.transport.name === 'websocket';
    }, 'the upgrade');
    made.push(await server.createTicket(admin));
    await until(() => socket.heard.events.at(-1)?.ticketId === made.at(-1).id, 'the last event');
    assert.deepEqual(seqs(socket.heard.events), seqs(await server.readEvents(admin, lastSeq)));
    socket.disconnect();
  });

  it('loses no first events, however busy the desk is', async () => {
    let writing = true;
    const writer = (async () => {
      let last;
      while (writing) last = await server.createTicket(admin);
      return last;
    })();
    const sockets = [];
    for (let round = 0; round < 40; round += 1) sockets.push(await server.connect(admin));
    writing = false;
    const last = await writer;
    for (const socket of sockets) {
      await until(() => socket.heard.events.at(-1)?.ticketId === last.id, 'the last event');
      assert.equal(socket.heard.hellos.length, 1);
      const [{ lastSeq }] = socket.heard.hellos;
      const expected = Array.from(
        { length: socket.heard.events.at(-1).seq - lastSeq },
        (_, i) => lastSeq + 1 + i,
      );
      assert.deepEqual(seqs(socket.heard.events), expected);
      socket.disconnect();
    }
  });

  it('tells many writers’ events in the order of the ledger', async () => {
    const socket = await server.connect(admin);
    const [{ lastSeq }] = socket.heard.hellos;
    await Promise.all(Array.from({ length: 200 }, (_, i) => server.createTicket(admin, `Ticket ${i}`)));
    await until(() => socket.heard.events.length >= 200, '200 events');
    assertAscending(socket.heard.events);
    assert.deepEqual(seqs(socket.heard.events), seqs(await server.readEvents(admin, lastSeq)));
    socket.disconnect();
  });

  it('lets a client that was away read what it missed', async () => {
    const socket = await server.connect(admin);
    await server.createTicket(admin, 'seen');
    const seen = (await until(() => socket.heard.events[0], 'the event')).seq;
    // Cut as a network does it: no packet says so.
    socket.io.engine.close();
    await until(() => socket.heard.ends.length > 0, 'the end');
    const missed = [await server.createTicket(admin, 'missed'), await server.createTicket(admin, 'missed')];
    socket.connect();
    const { lastSeq } = await until(() => socket.heard.hellos[1], 'a second hello');
    assert.ok(lastSeq >= seen + 2);
    const read = (await server.readEvents(admin, seen)).filter((event) => event.seq <= lastSeq);
    assert.deepEqual(
      read.filter((e) => e.ticketId !== null).map((e) => e.ticketId),
      missed.map((t) => t.id),
    );
    assert.equal(socket.heard.events.length, 1, 'what came before hello is not told again');
    const next = await server.createTicket(admin, 'next');
    await until(() => socket.heard.events[1]?.ticketId === next.id, 'the next event');
    socket.disconnect();
  });

  it('tells requesters of their own tickets, without internal notes', async () => {
    const anna = await server.hire(admin, 'anna@acme.example', 'user');
    const bert = await server.hire(admin, 'bert@acme.example', 'user');
    const agent = await server.hire(admin, 'agent@acme.example', 'agent');
    const sockets = {
      anna: await server.connect(anna),
      bert: await server.connect(bert),
      agent: await server.connect(agent),
      admin: await server.connect(admin),
    };
    const hers = await server.createTicket(anna, 'Hers');
    await server.say(agent, hers, 'between us', true);
    await server.say(agent, hers, 'for you');
    await server.ask('PATCH', `/api/tickets/${hers.id}`, { token: agent.token, body: { status: 'waiting' } });
    await server.say(anna, hers, 'thanks');
    const his = await server.createTicket(bert, 'His');
    // An event for admins alone, and one more for everybody in question.
    await server.hire(admin, 'carl@acme.example', 'user');
    await server.say(agent, hers, 'last');
    await server.say(agent, his, 'last');

    const audiences = { anna, bert, agent, admin };
    for (const [name, socket] of Object.entries(sockets)) {
      const [{ lastSeq }] = socket.heard.hellos;
      const expected = await server.readEvents(audiences[name], lastSeq);
      await until(() => socket.heard.events.length >= expected.length, `${name}'s events`);
      assert.deepEqual(socket.heard.events, expected, name);
    }
    const about = (socket) => new Set(socket.heard.events.map((event) => event.ticketId));
    assert.deepEqual([...about(sockets.anna)], [hers.id]);
    assert.deepEqual([...about(sockets.bert)], [his.id]);
    assert.ok(sockets.anna.heard.events.every((event) => event.data.internal !== true));
    assert.ok(sockets.agent.heard.events.some((event) => event.data.internal === true));
    assert.ok(sockets.agent.heard.events.every((event) => event.action !== 'user.created'));
    assert.ok(sockets.admin.heard.events.some((event) => event.action === 'user.created'));
    for (const socket of Object.values(sockets)) socket.disconnect();
  });

  it('tells one company nothing of another', async () => {
    const other = await server.signIn('admin@globex.example');
    const [mine, theirs] = [await server.connect(admin), await server.connect(other)];
    const ticket = await server.createTicket(admin, 'Ours');
    const foreign = await server.createTicket(other, 'Theirs');
    await until(() => mine.heard.events.length > 0 && theirs.heard.events.length > 0, 'both events');
    assert.deepEqual(
      mine.heard.events.map((e) => e.ticketId),
      [ticket.id],
    );
    assert.deepEqual(
      theirs.heard.events.map((e) => e.ticketId),
      [foreign.id],
    );
    mine.disconnect();
    theirs.disconnect();
  });

  it('has no message by which a client joins a room or says anything', async () => {
    const user = await server.hire(admin, 'nosy@acme.example', 'user');
    const socket = await server.connect(user);
    const tenant = user.user.customerId;
    for (const name of ['join', 'subscribe', 'room', 'event', 'hello']) {
      for (const room of [`${tenant}/admins`, `${tenant}/staff`, 'staff', { room: `${tenant}/staff` }]) {
        socket.emit(name, room);
        socket.emit(name, room, () => assert.fail('it was answered'));
      }
    }
    const seen = await server.createTicket(admin, 'not hers');
    await server.say(admin, seen, 'not hers either');
    const own = await server.createTicket(user, 'hers');
    await until(() => socket.heard.events.some((event) => event.ticketId === own.id), 'her own event');
    assert.deepEqual([...new Set(socket.heard.events.map((event) => event.ticketId))], [own.id]);
    socket.disconnect();
  });
});
