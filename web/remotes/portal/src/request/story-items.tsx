/** What a conversation is made of, one after the other; requests that were merged into it stand where that happened. */
import { type Attachment, isApiError, type LedgerEvent, type Message, type Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  defineMessages,
  ErrorState,
  RelativeTime,
  SkeletonRows,
  UnstyledButton,
  useMessages,
} from '@flowbit/ui';
import { useId, useMemo, useState } from 'react';
import { useConversation, useEvents, useOpeningFiles, useRequest } from '../model/queries';
import { newestMerged, type OtherRequest, type StoryItem, storyOf } from '../model/story';
import { Bubble } from './bubble';
import { originalPath } from './merged';
import classes from './story-items.module.css';

const words = defineMessages({
  en: {
    solved: 'Solved',
    reopened: 'Opened again',
    merged: (number: number) => `From your request #${number}`,
    titled: (number: number, title: string) => `From your request #${number}: ${title}`,
    original: (number: number) => `See #${number} as it was`,
    none: 'No description was given.',
  },
  de: {
    solved: 'Gelöst',
    reopened: 'Wieder geöffnet',
    merged: (number: number) => `Aus Ihrer Anfrage #${number}`,
    titled: (number: number, title: string) => `Aus Ihrer Anfrage #${number}: ${title}`,
    original: (number: number) => `#${number} zeigen, wie sie war`,
    none: 'Ohne Beschreibung.',
  },
});

const NO_MESSAGES: readonly Message[] = [];
const NO_EVENTS: readonly LedgerEvent[] = [];
const NO_FILES: readonly Attachment[] = [];

/** With what a request began. */
export function Opening({ ticket }: { ticket: Ticket }) {
  const text = useMessages(words);
  const { user } = useScreen();
  const { id, requester, description, createdAt } = ticket;
  const files = useOpeningFiles(id);
  return (
    <Bubble
      author={{ kind: 'user', ...requester }}
      isOwn={requester.id === user.id}
      at={createdAt}
      isFaint={description === ''}
      files={files}
    >
      {description || text.none}
    </Bubble>
  );
}

export interface StoryItemsProps {
  items: readonly StoryItem[];
  /** The request whose conversation it is. */
  ticketId: string;
}

export function StoryItems({ items, ticketId }: StoryItemsProps) {
  const text = useMessages(words);
  const { user } = useScreen();
  const shown = newestMerged(items);
  return items.map((item) => {
    switch (item.kind) {
      case 'message': {
        const { author, body, html, attachments = NO_FILES, createdAt } = item.message;
        return (
          <Bubble
            key={item.key}
            author={author}
            isOwn={author.id === user.id}
            at={createdAt}
            html={html ?? null}
            files={attachments}
          >
            {body}
          </Bubble>
        );
      }
      case 'merged':
        return (
          <MergedPart
            key={item.key}
            source={item.source}
            targetId={ticketId}
            isOpenAtFirst={shown.has(item.key)}
          />
        );
      default:
        return (
          <p key={item.key} className={classes.turn}>
            <AppIcon name={item.kind === 'solved' ? 'circle-check' : 'replay'} size={14} />
            <span>
              {text[item.kind]} · <RelativeTime at={item.at} />
            </span>
          </p>
        );
    }
  });
}

interface MergedPartProps {
  source: OtherRequest;
  targetId: string;
  /** Whether it is read before anybody asks for it. */
  isOpenAtFirst: boolean;
}

function MergedPart({ source, targetId, isOpenAtFirst }: MergedPartProps) {
  const text = useMessages(words);
  const { href } = useScreen();
  const id = useId();
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const query = useRequest(source.id);
  const ticket = query.data;
  const isHere = ticket?.mergedInto?.id === targetId;
  // The ledger is read apart from the request: what it says of now is the request's to know.
  const isElsewhere = ticket !== undefined && !isHere && !query.isPlaceholderData;
  if (isElsewhere || isApiError(query.error, 'not_found')) return null;
  const title = isHere ? text.titled(source.number, ticket.title) : text.merged(source.number);
  return (
    <section className={classes.part} aria-label={title}>
      <UnstyledButton
        className={classes.fold}
        aria-expanded={isOpen}
        aria-controls={`${id}-story`}
        onClick={() => setOpen(!isOpen)}
      >
        <AppIcon name={isOpen ? 'chevron-down' : 'chevron-right'} />
        <span>{title}</span>
      </UnstyledButton>
      <div id={`${id}-story`} className={classes.story} hidden={!isOpen}>
        {isOpen && (
          <>
            {query.isError && !ticket ? (
              <ErrorState variant="inline" error={query.error} onRetry={() => void query.refetch()} />
            ) : isHere ? (
              <>
                <Opening ticket={ticket} />
                <MergedStory ticketId={source.id} />
              </>
            ) : (
              <SkeletonRows rows={1} height={72} lines={2} />
            )}
            <a className={classes.link} href={href(originalPath(source.id))}>
              {text.original(source.number)}
            </a>
          </>
        )}
      </div>
    </section>
  );
}

/** What was said there, and what had been merged into it before. */
function MergedStory({ ticketId }: { ticketId: string }) {
  const conversation = useConversation(ticketId);
  const events = useEvents(ticketId);
  const items = useMemo(
    () => storyOf(conversation.data ?? NO_MESSAGES, events.data ?? NO_EVENTS),
    [conversation.data, events.data],
  );
  if (conversation.data === undefined) {
    if (!conversation.isError) return <SkeletonRows rows={1} height={72} lines={2} />;
    return (
      <ErrorState variant="inline" error={conversation.error} onRetry={() => void conversation.refetch()} />
    );
  }
  return <StoryItems items={items} ticketId={ticketId} />;
}
