/**
 * The socket: carries the ledger's events while somebody is signed in.
 *
 * The server cuts a connection whose token ran out; a fresh one is fetched and the follower reads
 * what was missed, so a cut costs nothing but a moment.
 */
import {
  type ApiClient,
  createLedgerFollower,
  type LedgerEvent,
  type LiveEvents,
  type Session,
  type TicketPresence,
  unwrap,
} from '@flowbit/api';
import type { QueryClient } from '@tanstack/react-query';
import { io, type Socket } from 'socket.io-client';

interface ServerEvents {
  hello: (greeting: { lastSeq: number }) => void;
  event: (event: LedgerEvent) => void;
  presence: (there: TicketPresence) => void;
}

interface LiveConnectionOptions {
  session: Session;
  client: ApiClient;
  queryClient: QueryClient;
}

/** Pause before asking again after the server itself ended or refused the connection. */
const REFUSED_PAUSE_MS = 3000;

export function createLiveConnection({ session, client, queryClient }: LiveConnectionOptions): {
  events: LiveEvents;
} {
  const follower = createLedgerFollower({
    readAfter: (after, limit) => unwrap(client.GET('/api/events', { params: { query: { after, limit } } })),
    onResync: () => void queryClient.invalidateQueries(),
  });

  let socket: Socket<ServerEvents> | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let refusals = 0;

  /** The library doesn't return by itself once the server has said no. */
  function reconnectWithFreshToken(mine: Socket<ServerEvents>) {
    clearTimeout(retry);
    retry = setTimeout(
      () => {
        if (socket !== mine) return;
        session.renewToken(session.getToken()).then(
          (token) => {
            if (socket === mine && token !== null) mine.connect();
          },
          () => reconnectWithFreshToken(mine),
        );
      },
      // The first time is most likely a token that ran out: come back at once.
      refusals === 0 ? 0 : REFUSED_PAUSE_MS * Math.min(refusals, 10),
    );
    refusals += 1;
  }

  function open() {
    const mine: Socket<ServerEvents> = io({
      auth: (give) => give({ token: session.getToken() }),
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 8000,
      timeout: 10_000,
    });
    socket = mine;
    mine.on('hello', ({ lastSeq }) => {
      refusals = 0;
      void follower.receiveHello(lastSeq);
    });
    mine.on('event', (event) => follower.receiveEvent(event));
    mine.on('presence', (there) => follower.receivePresence(there));
    mine.on('disconnect', (reason) => {
      follower.receiveDisconnect();
      if (reason === 'io server disconnect') reconnectWithFreshToken(mine);
    });
    mine.on('connect_error', () => {
      follower.receiveDisconnect();
      if (!mine.active) reconnectWithFreshToken(mine);
    });
  }

  function close() {
    clearTimeout(retry);
    socket?.removeAllListeners();
    socket?.disconnect();
    socket = null;
    refusals = 0;
    follower.receiveDisconnect();
  }

  function follow() {
    const isSignedIn = session.getState().status === 'signedIn';
    if (isSignedIn && socket === null) open();
    if (!isSignedIn && socket !== null) close();
  }
  session.subscribe(follow);
  follow();

  return { events: follower };
}
