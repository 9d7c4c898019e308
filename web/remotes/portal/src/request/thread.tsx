/** The conversation: one's own words on the right, everybody else's on the left. */
import type { Message, Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  defineMessages,
  ErrorState,
  SkeletonRows,
  useMessages,
  useStickToEnd,
  VisuallyHidden,
} from '@flowbit/ui';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type useConversation, useEvents } from '../model/queries';
import { storyOf } from '../model/story';
import { Opening, StoryItems } from './story-items';
import classes from './thread.module.css';

const words = defineMessages({
  en: {
    conversation: 'Conversation',
    arrived: (name: string) => `New answer from ${name}`,
    below: 'New answer',
  },
  de: {
    conversation: 'Verlauf',
    arrived: (name: string) => `Neue Antwort von ${name}`,
    below: 'Neue Antwort',
  },
});

const NO_MESSAGES: readonly Message[] = [];

/** Says what others write while the request is open. */
function useAnnouncement(messages: readonly Message[] | undefined): string {
  const text = useMessages(words);
  const { user } = useScreen();
  const known = useRef<Set<string> | null>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!messages) return;
    const before = known.current;
    known.current = new Set(messages.map(({ id }) => id));
    const fresh = before && messages.findLast(({ id, author }) => !before.has(id) && author.id !== user.id);
    if (fresh) setSaid(text.arrived(fresh.author.name));
  }, [messages, user.id, text]);
  return said;
}

export interface ThreadProps {
  ticket: Ticket;
  conversation: ReturnType<typeof useConversation>;
}

export function Thread({ ticket, conversation }: ThreadProps) {
  const text = useMessages(words);
  const events = useEvents(ticket.id);
  const items = useMemo(
    () => storyOf(conversation.data ?? NO_MESSAGES, events.data ?? []),
    [conversation.data, events.data],
  );
  // Without the turns a conversation is whole; without the messages it is none.
  const isReady = conversation.data !== undefined && !events.isPending;
  const { scroll, content, onScroll, hasMore, toEnd } = useStickToEnd(items.length, isReady);
  const said = useAnnouncement(conversation.data);

  return (
    <div className={classes.root}>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      <section
        ref={scroll}
        className={classes.scroll}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={text.conversation}
      >
        <div ref={content} className={classes.content}>
          <Opening ticket={ticket} />
          {isReady ? (
            <StoryItems items={items} ticketId={ticket.id} />
          ) : conversation.isError ? (
            <ErrorState
              variant="inline"
              error={conversation.error}
              onRetry={() => void conversation.refetch()}
            />
          ) : (
            <SkeletonRows rows={Math.min(3, ticket.messageCount)} height={72} lines={2} />
          )}
        </div>
      </section>
      {hasMore && (
        <div className={classes.more}>
          <button type="button" className={classes.pill} onClick={toEnd}>
            <AppIcon name="arrow-down" size={14} />
            {text.below}
          </button>
        </div>
      )}
    </div>
  );
}
