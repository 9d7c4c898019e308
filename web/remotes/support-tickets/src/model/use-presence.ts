/** Who else is at a ticket, and saying that one is there oneself: as long as the page is seen. */
import { type Present, type TicketPresence, unwrap } from '@flowbit/api';
import { useConnectionState, useScreen } from '@flowbit/contract';
import { useEffect, useRef, useState } from 'react';

/** The server forgets after forty seconds. */
const AGAIN_MS = 15_000;

/** Who only walks past, from row to row, is not here. */
const SETTLED_MS = 400;

/** This window, named when it first has something to say: not every page that loads may make such names. */
let tab: string | undefined;
/** How often it has said something: what is overtaken on its way is not heard. */
let count = 0;

const NOBODY: readonly Present[] = [];

export function usePresence(ticketId: string, isWriting: boolean): readonly Present[] {
  const { client, events, user, can } = useScreen();
  const isStaff = can('agent', 'admin');
  const isLive = useConnectionState().kind === 'live';
  const [there, setThere] = useState<TicketPresence | null>(null);
  /** Counts what was learned: an answer to what was asked before that is not taken. */
  const learned = useRef(0);
  const isHere = useRef(false);

  useEffect(
    () =>
      events.onPresence((now) => {
        if (now.ticketId !== ticketId) return;
        learned.current += 1;
        setThere(now);
      }),
    [events, ticketId],
  );

  const say = useRef((_activity: Present['activity'] | null) => {});
  useEffect(() => {
    say.current = (activity) => {
      // Who has left need not say so again.
      if (activity === null && !isHere.current) return;
      isHere.current = activity !== null;
      const before = learned.current;
      tab ??= crypto.randomUUID();
      count += 1;
      unwrap(
        client.PUT('/api/tickets/{id}/presence', {
          params: { path: { id: ticketId } },
          body: { activity, tab, count },
          // The last word of a page that is being closed.
          keepalive: true,
        }),
      ).then(
        (now) => {
          if (before !== learned.current) return;
          learned.current += 1;
          setThere(now);
        },
        // It is said again, and nobody's work depends on it.
        () => {},
      );
    };
  }, [client, ticketId]);

  useEffect(() => {
    if (!isStaff || !isLive) return;
    const tell = () =>
      say.current(document.visibilityState === 'visible' ? (isWriting ? 'writing' : 'viewing') : null);
    const first = setTimeout(tell, SETTLED_MS);
    const again = setInterval(tell, AGAIN_MS);
    document.addEventListener('visibilitychange', tell);
    return () => {
      clearTimeout(first);
      clearInterval(again);
      document.removeEventListener('visibilitychange', tell);
    };
  }, [isStaff, isLive, isWriting]);

  // What was known before a break may be long over when the link is back.
  useEffect(() => {
    if (!isLive) setThere(null);
  }, [isLive]);

  useEffect(() => {
    const leave = () => say.current(null);
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
    };
  }, []);

  if (there === null) return NOBODY;
  return there.people.filter(({ userId }) => userId !== user.id);
}
