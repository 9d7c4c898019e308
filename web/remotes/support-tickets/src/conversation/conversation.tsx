/** The story of a ticket: what was asked, what was answered, what changed. */
import type { Message, Ticket } from '@flowbit/api';
import { useCommands, useScreen } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  Button,
  defineMessages,
  ErrorState,
  Skeleton,
  useMessages,
  useStickToEnd,
  VisuallyHidden,
} from '@flowbit/ui';
import { useEffect, useMemo, useRef, useState } from 'react';
import { MergedBlock } from '../merge/merged-block';
import { newestMerged } from '../merge/merged-story';
import type { OutgoingMessage } from '../model/outbox';
import {
  describedFiles,
  useHistory,
  useTicketFiles,
  useMessages as useTicketMessages,
} from '../model/queries';
import { useOutgoing } from '../model/use-send-message';
import { ChangeLine, DeletedFileLine, ReferenceLine } from './change-line';
import classes from './conversation.module.css';
import { Description } from './description';
import { MessageView } from './message';
import { SplitDialog, splitWords } from './split-dialog';
import { mergeTimeline, type TimelineItem } from './timeline';
import { UnsentMessage } from './unsent-message';
import { WorkflowBlock } from './workflow-block';

const words = defineMessages({
  en: {
    conversation: 'Conversation',
    newBelow: 'New message',
    arrived: (author: string) => `New message from ${author}`,
    arrivedNote: (author: string) => `New internal note from ${author}`,
    loading: 'Loading',
    historyMissing: 'What was changed could not be loaded; the messages are complete.',
    retry: 'Try again',
    quote: 'Quote',
  },
  de: {
    conversation: 'Verlauf',
    newBelow: 'Neue Nachricht',
    arrived: (author: string) => `Neue Nachricht von ${author}`,
    arrivedNote: (author: string) => `Neue interne Notiz von ${author}`,
    loading: 'Wird geladen',
    historyMissing: 'Die Änderungen konnten nicht geladen werden; die Nachrichten sind vollständig.',
    retry: 'Noch einmal',
    quote: 'Zitieren',
  },
});

const NO_MESSAGES: readonly Message[] = [];

export interface ConversationProps {
  ticket: Ticket;
  onEdit(message: OutgoingMessage): void;
  /** Takes a message into what is being written. */
  onQuote(message: Message): void;
}

/** Says what others write while the ticket is open. */
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
    if (fresh) setSaid((fresh.internal ? text.arrivedNote : text.arrived)(fresh.author.name));
  }, [messages, user.id, text]);
  return said;
}

export function Conversation({ ticket, onEdit, onQuote }: ConversationProps) {
  const text = useMessages(words);
  const { user } = useScreen();
  const messages = useTicketMessages(ticket.id);
  const history = useHistory(ticket.id);
  const files = useTicketFiles(ticket.id);
  const described = useMemo(() => describedFiles(files.data?.pages), [files.data]);
  const outgoing = useOutgoing(ticket.id);
  const isStaff = user.role !== 'user';
  const splitting = useMessages(splitWords);
  const [parting, setParting] = useState<Message | null>(null);
  const canSplit = isStaff && ticket.mergedInto === null;

  const items = useMemo(
    () =>
      mergeTimeline({
        ticket,
        messages: messages.data ?? NO_MESSAGES,
        events: history.data ?? [],
        showsWorkflow: isStaff,
      }),
    [ticket, messages.data, history.data, isStaff],
  );
  const asked = messages.data?.findLast(
    ({ author, internal }) => author.id === ticket.requester.id && !internal,
  );
  useCommands(
    useMemo(
      () =>
        canSplit && asked
          ? [{ id: 'split', label: splitting.latest, icon: 'split', run: () => setParting(asked) }]
          : [],
      [canSplit, asked, splitting],
    ),
  );
  const isReady = messages.data !== undefined && !history.isPending && !files.isPending;
  const { scroll, content, onScroll, hasMore, toEnd } = useStickToEnd(
    items.length + outgoing.length,
    isReady,
  );
  const said = useAnnouncement(messages.data);
  const shown = newestMerged(items);

  function renderItem(item: TimelineItem) {
    switch (item.kind) {
      case 'changes':
        return <ChangeLine key={item.key} actor={item.actor} at={item.at} changes={item.changes} />;
      case 'reference':
        return <ReferenceLine key={item.key} actor={item.actor} at={item.at} reference={item.reference} />;
      case 'fileDeleted':
        return <DeletedFileLine key={item.key} actor={item.actor} at={item.at} name={item.name} />;
      case 'merged':
        return (
          <MergedBlock
            key={item.key}
            source={item.source}
            targetId={ticket.id}
            actor={item.actor}
            at={item.at}
            isOpenAtFirst={shown.has(item.key)}
          />
        );
      case 'workflow':
        return <WorkflowBlock key={item.key} run={item.run} ticketId={ticket.id} at={item.at} />;
      case 'message': {
        const { message } = item;
        return (
          <MessageView
            key={item.key}
            author={message.author}
            body={message.body}
            html={message.html}
            mentions={message.mentions}
            attachments={message.attachments}
            isInternal={message.internal}
            isRequester={message.author.id === ticket.requester.id}
            at={message.createdAt}
            action={
              ticket.mergedInto === null && (
                <>
                  <ActionIcon
                    size={24}
                    className={classes.action ?? ''}
                    aria-label={text.quote}
                    title={text.quote}
                    onClick={() => onQuote(message)}
                  >
                    <AppIcon name="quote" />
                  </ActionIcon>
                  {canSplit && message.author.id === ticket.requester.id && !message.internal && (
                    <ActionIcon
                      size={24}
                      className={classes.action ?? ''}
                      aria-label={splitting.split}
                      title={splitting.split}
                      onClick={() => setParting(message)}
                    >
                      <AppIcon name="split" />
                    </ActionIcon>
                  )}
                </>
              )
            }
          />
        );
      }
    }
  }

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
        <div ref={content}>
          <Description key={ticket.id} ticket={ticket} attachments={described} />
          {isReady ? (
            items.map(renderItem)
          ) : messages.isError ? (
            <ErrorState variant="inline" error={messages.error} onRetry={() => void messages.refetch()} />
          ) : (
            <ConversationSkeleton count={Math.min(3, ticket.messageCount)} label={text.loading} />
          )}
          {history.isError && messages.data && (
            <p className={classes.missing}>
              {text.historyMissing}{' '}
              <Button size="compact-sm" variant="subtle" onClick={() => void history.refetch()}>
                {text.retry}
              </Button>
            </p>
          )}
          {outgoing.map((message) => (
            <UnsentMessage key={message.key} message={message} onEdit={onEdit} />
          ))}
        </div>
      </section>
      <SplitDialog ticket={ticket} message={parting} onClose={() => setParting(null)} />
      {hasMore && (
        <div className={classes.more}>
          <button type="button" className={classes.pill} onClick={toEnd}>
            <AppIcon name="arrow-down" size={14} />
            {text.newBelow}
          </button>
        </div>
      )}
    </div>
  );
}

function ConversationSkeleton({ count, label }: { count: number; label: string }) {
  return (
    <div role="status">
      <VisuallyHidden>{label}</VisuallyHidden>
      {Array.from({ length: count }, (_, index) => index).map((row) => (
        <div key={row} className={classes.skeleton} aria-hidden>
          <Skeleton circle height={28} />
          <div className={classes.skeletonLines}>
            <Skeleton height={10} width="30%" radius={3} />
            <Skeleton height={10} width="85%" radius={3} />
            <Skeleton height={10} width="60%" radius={3} />
          </div>
        </div>
      ))}
    </div>
  );
}
