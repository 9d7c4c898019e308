/**
 * The official Socket.IO server, to compare with: everyone who connects joins one room; `/burst` emits so
 * many events to it, each of the bytes of a `ticket.created` event.
 *
 *     node fan-out.mjs PORT EVENTS
 */
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const [port, events] = process.argv.slice(2).map(Number);
const event = (seq) => ({
  seq,
  id: '01a206e2-ff46-762a-9357-13bf752a8d55',
  timestamp: '2026-01-31T08:15:00.000Z',
  action: 'ticket.created',
  userId: '01a0d253-4c46-7287-b7b4-13582eb1f1f9',
  customerId: '01a0d253-4c46-763b-87f6-160db71f7a26',
  ticketId: '01a206e2-ff46-762a-9357-13bf752a8d55',
  actor: { kind: 'user', id: '01a0d253-4c46-7287-b7b4-13582eb1f1f9', name: 'Grace Whitfield' },
  data: {
    assignee: null,
    number: seq,
    priority: 'normal',
    status: 'open',
    tags: [],
    title: `Burst 1 ${seq}`,
    version: 1,
  },
});

const http = createServer((request, response) => {
  if (request.url === '/burst') {
    for (let seq = 1; seq <= events; seq++) io.to('room').emit('event', event(seq));
  }
  response.end('ok');
});
const io = new Server(http, { transports: ['websocket'], serveClient: false });
io.on('connection', (socket) => {
  socket.join('room');
});
http.listen(port, '127.0.0.1');
