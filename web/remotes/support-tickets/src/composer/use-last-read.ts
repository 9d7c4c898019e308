/** What of a conversation its reader has had before their eyes. */
import { useScreen } from '@flowbit/contract';
import { useEffect, useRef } from 'react';
import { useMessages } from '../model/queries';

/** Milliseconds for which a message must stand in view: what came in this moment nobody has read. */
const READING_MS = 1500;

/**
 * Answers the newest message of others that was there long enough to be read: null for none, undefined while the
 * conversation is not known.
 */
export function useLastRead(ticketId: string): () => string | null | undefined {
  const { user } = useScreen();
  const messages = useMessages(ticketId).data;
  const newest = messages && (messages.findLast(({ author }) => author.id !== user.id)?.id ?? null);
  const read = useRef<string | null | undefined>(undefined);

  useEffect(() => {
    if (read.current === undefined) read.current = newest;
    let timer: ReturnType<typeof setTimeout> | undefined;
    function watch() {
      clearTimeout(timer);
      if (document.visibilityState === 'hidden') return;
      timer = setTimeout(() => {
        read.current = newest;
      }, READING_MS);
    }
    watch();
    document.addEventListener('visibilitychange', watch);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', watch);
    };
  }, [newest]);

  return () => read.current;
}
