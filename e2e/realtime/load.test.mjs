/** Many sockets, slow sockets, quick events, and the server's end. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertAscending, Server, seqs, until } from './server.mjs';

const SOCKETS = 1000;

describe('load', () => {
  it(`serves ${SOCKETS} sockets, each every event in order`, async () => {
    const server = await Server.start();
    const admin = await server.signIn('admin@acme.example');
    const sockets = [];
    for (let begun = 0; begun < SOCKETS; begun += 50) {
      sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => server.connect(admin)))));
    }
    await Promise.all(Array.from({ length: 25 }, (_, i) => server.createTicket(admin, `Ticket ${i}`)));
    for (const socket of sockets) {
      await until(() => socket.heard.events.length >= 25, '25 events');
      assert.equal(socket.heard.events.length, 25);
      assertAscending(socket.heard.events);
      assert.equal(socket.heard.events[0].seq, socket.heard.hellos[0].lastSeq + 1);
    }
    for (const socket of sockets) socket.disconnect();
    await server.stop();
  });

  it('tells another client of an event at once', async () => {
    const server = await Server.start();
    const admin = await server.signIn('admin@acme.example');
    const socket = await server.connect(admin);
    const times = [];
    for (let round = 0; round < 200; round += 1) {
      const ticket = await server.createTicket(admin, `Ticket ${round}`);
      const answered = performance.now();
      if (socket.heard.events.at(-1)?.ticketId !== ticket.id) {
        await new Promise((resolve) => socket.once('event', resolve));
      }
      assert.equal(socket.heard.events.at(-1).ticketId, ticket.id);
      times.push(performance.now() - answered);
    }
    times.sort((a, b) => a - b);
    const p99 = times[Math.floor(times.length * 0.99) - 1];
    console.log(
      `event in another client after the answer: p50 ${times[100].toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
    );
    // The slowest ones say more about what else this machine does: they are held by the measurements.
    assert.ok(times[100] < 20, `the median is ${times[100]} ms`);
    socket.disconnect();
    await server.stop();
  });

  it('cuts a socket that does not read, loses nothing for the others, and lets it resume', async () => {
    const server = await Server.start();
    const admin = await server.signIn('admin@acme.example');
    const quick = await server.connect(admin);
    const [{ lastSeq }] = quick.heard.hellos;
    // A client of the wire's own words: by polling it connects and hears hello, and then it does not poll.
    const base = `${server.url}/socket.io/?EIO=4&transport=polling`;
    const open = await (await fetch(base)).text();
    const url = `${base}&sid=${JSON.parse(open.slice(1)).sid}`;
    const post = (packet) => fetch(url, { method: 'POST', body: packet });
    const packets = [];
    /** Answers whether the connection is still there. */
    const poll = async () => {
      const response = await fetch(url);
      if (response.ok) packets.push(...(await response.text()).split('\u001e'));
      return response.ok;
    };
    await post(`40${JSON.stringify({ token: admin.token })}`);
    await until(async () => {
      assert.ok(await poll());
      return packets.some((packet) => packet.startsWith('42["hello"'));
    }, 'hello');

    // More than the server keeps for one socket. It goes on saying that it is alive.
    const wanted = 2200;
    let left = wanted;
    const write = async () => {
      for (; left > 0; left -= 1) {
        await server.createTicket(admin);
        if (left % 100 === 0) await post('3');
      }
    };
    await Promise.all(Array.from({ length: 4 }, write));
    await until(() => quick.heard.events.length >= wanted, 'all events');
    assertAscending(quick.heard.events);
    assert.equal(quick.heard.events.at(-1).seq - lastSeq, quick.heard.events.length, 'nothing is missing');
    assert.equal(quick.connected, true);

    // It reads on: what it gets has no gap, and then it is told the end. If it was due to be asked
    // whether it lives while its queue was full, it was cut off without a word.
    let isOpen = true;
    await until(async () => {
      isOpen = await poll();
      return !isOpen || packets.includes('41');
    }, 'the cut');
    assert.equal(packets.includes('41'), isOpen);
    const messages = packets.filter((p) => p.startsWith('42')).map((p) => JSON.parse(p.slice(2)));
    const events = messages.filter(([name]) => name === 'event').map(([, event]) => event);
    const from = messages.find(([name]) => name === 'hello')[1].lastSeq;
    assert.deepEqual(
      seqs(events),
      Array.from({ length: events.length }, (_, i) => from + 1 + i),
    );
    assert.ok(events.length < wanted);
    const seen = from + events.length;
    const again = await server.connect(admin);
    const [{ lastSeq: now }] = again.heard.hellos;
    assert.equal(seen + (await server.readEvents(admin, seen)).length, now);
    again.disconnect();
    quick.disconnect();
    await server.stop();
  });

  it('says goodbye when it stops, and ends with exit code 0', async () => {
    const server = await Server.start();
    const admin = await server.signIn('admin@acme.example');
    const sockets = [await server.connect(admin), await server.connect(admin, { transports: ['polling'] })];
    const code = await server.stop();
    for (const socket of sockets) {
      await until(() => socket.heard.ends.length > 0, 'the end');
    }
    assert.deepEqual(sockets[0].heard.goodbyes, [{ reason: 'shutdown' }]);
    assert.equal(code, 0);
  });
});
