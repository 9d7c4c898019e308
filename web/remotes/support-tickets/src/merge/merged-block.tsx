/** The conversation of a ticket that was merged into the one that is shown, where that happened. */
import { isApiError, type LedgerEvent, type Message } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  defineMessages,
  ErrorState,
  RelativeTime,
  Skeleton,
  UnstyledButton,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { useId, useMemo, useState } from 'react';
import { ReferenceLine } from '../conversation/change-line';
import { MessageView } from '../conversation/message';
import type { OtherTicket } from '../conversation/reference';
import type { ChangeActor } from '../conversation/timeline';
import { describedFiles, useHistory, useMessagePages, useTicket, useTicketFiles } from '../model/queries';
import { ticketPath } from '../model/ticket-path';
import { wantTitleFocus } from '../model/title-focus';
import classes from './merged-block.module.css';
import { newestMerged, storyOf } from './merged-story';

const words = defineMessages({
  en: {
    from: (number: number) => `Merged from #${number}`,
    title: (number: number, title: string) => `Merged from #${number}: ${title}`,
    by: (name: string) => `by ${name}`,
    original: (number: number) => `See #${number} as it was`,
    none: 'No description was given.',
    more: 'Show more messages',
    loading: 'Loading',
  },
  de: {
    from: (number: number) => `Aus #${number}`,
    title: (number: number, title: string) => `Aus #${number}: ${title}`,
    by: (name: string) => `zusammengeführt von ${name}`,
    original: (number: number) => `#${number} zeigen, wie es war`,
    none: 'Ohne Beschreibung.',
    more: 'Weitere Nachrichten zeigen',
    loading: 'Wird geladen',
  },
});

const NO_MESSAGES: readonly Message[] = [];
const NO_EVENTS: readonly LedgerEvent[] = [];

export interface MergedBlockProps {
  source: OtherTicket;
  /** The ticket that it was merged into, whose conversation this stands in. */
  targetId: string;
  actor: ChangeActor;
  at: string;
  /** Whether it is read before anybody asks for it. */
  isOpenAtFirst: boolean;
}

export function MergedBlock({ source, targetId, actor, at, isOpenAtFirst }: MergedBlockProps) {
  const text = useMessages(words);
  const { href, search } = useScreen();
  const id = useId();
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const query = useTicket(source.id);
  const ticket = query.data;
  const isHere = ticket?.mergedInto?.id === targetId;
  const files = useTicketFiles(source.id, isOpen && isHere);
  // The ledger is read apart from the ticket: what it says of now is the ticket's to know.
  const isElsewhere = ticket !== undefined && !isHere && !query.isPlaceholderData;
  if (isElsewhere || isApiError(query.error, 'not_found')) {
    return <ReferenceLine actor={actor} at={at} reference={{ deed: 'mergedFrom', ...source }} />;
  }
  const title = isHere ? text.title(source.number, ticket.title) : text.from(source.number);
  return (
    <section className={classes.root} aria-label={title}>
      <header className={classes.head}>
        <UnstyledButton
          className={classes.fold}
          aria-expanded={isOpen}
          aria-controls={`${id}-story`}
          onClick={() => setOpen(!isOpen)}
        >
          <AppIcon name={isOpen ? 'chevron-down' : 'chevron-right'} />
          <span className={classes.title}>{title}</span>
        </UnstyledButton>
        <span className={classes.fact}>
          {text.by(actor.name)} · <RelativeTime at={at} />
        </span>
      </header>
      <div id={`${id}-story`} hidden={!isOpen}>
        {isOpen && (
          <>
            {query.isError && !ticket ? (
              <ErrorState variant="inline" error={query.error} onRetry={() => void query.refetch()} />
            ) : isHere ? (
              <>
                <MessageView
                  author={{ kind: 'user', ...ticket.requester }}
                  body={ticket.description || text.none}
                  attachments={describedFiles(files.data?.pages)}
                  isFaint={ticket.description === ''}
                  isInternal={false}
                  isRequester
                  at={ticket.createdAt}
                />
                <Story ticketId={source.id} requesterId={ticket.requester.id} />
              </>
            ) : (
              <StorySkeleton label={text.loading} />
            )}
            <a
              className={classes.link}
              href={href(ticketPath(source.id, search, { isOriginal: true }))}
              onClick={() => wantTitleFocus(source.id)}
            >
              {text.original(source.number)}
            </a>
          </>
        )}
      </div>
    </section>
  );
}

/** What was said there, and what had been merged into it before. */
function Story({ ticketId, requesterId }: { ticketId: string; requesterId: string }) {
  const text = useMessages(words);
  const pages = useMessagePages(ticketId, true);
  const history = useHistory(ticketId);
  const { hasNextPage } = pages;
  const messages = useMemo(() => pages.data?.pages.flatMap(({ items }) => items), [pages.data]);
  const story = useMemo(
    () => storyOf(messages ?? NO_MESSAGES, history.data ?? NO_EVENTS, hasNextPage),
    [messages, history.data, hasNextPage],
  );
  const shown = newestMerged(story);
  const error = pages.error ?? history.error;

  return (
    <>
      {messages === undefined || history.isPending
        ? !error && <StorySkeleton label={text.loading} />
        : story.map((item) =>
            item.kind === 'merged' ? (
              <MergedBlock
                key={item.key}
                source={item.source}
                targetId={ticketId}
                actor={item.actor}
                at={item.at}
                isOpenAtFirst={shown.has(item.key)}
              />
            ) : (
              <MessageView
                key={item.key}
                author={item.message.author}
                body={item.message.body}
                html={item.message.html}
                mentions={item.message.mentions}
                attachments={item.message.attachments}
                isInternal={item.message.internal}
                isRequester={item.message.author.id === requesterId}
                at={item.message.createdAt}
              />
            ),
          )}
      {error ? (
        <ErrorState
          variant="inline"
          error={error}
          onRetry={() => {
            void pages.refetch();
            void history.refetch();
          }}
        />
      ) : (
        hasNextPage && (
          <Button
            className={classes.more ?? ''}
            size="compact-sm"
            variant="default"
            loading={pages.isFetchingNextPage}
            onClick={() => void pages.fetchNextPage()}
          >
            {text.more}
          </Button>
        )
      )}
    </>
  );
}

function StorySkeleton({ label }: { label: string }) {
  return (
    <div role="status" className={classes.skeleton}>
      <VisuallyHidden>{label}</VisuallyHidden>
      <Skeleton height={10} width="30%" radius={3} />
      <Skeleton height={10} width="80%" radius={3} />
    </div>
  );
}
