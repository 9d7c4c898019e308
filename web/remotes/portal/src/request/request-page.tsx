/** One request: what was written, where it stands, and the place to answer. */
import { isApiError, type Ticket } from '@flowbit/api';
import { useScreen, useTitle } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  defineMessages,
  ErrorState,
  SkeletonRows,
  useHotkeys,
  useMessages,
} from '@flowbit/ui';
import { useEffect, useRef } from 'react';
import { useConversation, useRequest } from '../model/queries';
import { useRead } from '../model/unread';
import { AnswerBox } from './answer-box';
import { Arrival, MergedNotice, useLead } from './merged';
import { ReopenLine, useReopening } from './reopen-line';
import { RequestHead } from './request-head';
import classes from './request-page.module.css';
import { Thread } from './thread';

const words = defineMessages({
  en: {
    group: 'Request',
    answer: 'Answer',
    back: 'Back to my requests',
    request: 'Request',
    gone: 'This request isn’t here',
    goneMeaning: 'It was removed, or it belongs to somebody else.',
  },
  de: {
    group: 'Anfrage',
    answer: 'Antworten',
    back: 'Zurück zu meinen Anfragen',
    request: 'Anfrage',
    gone: 'Diese Anfrage ist nicht hier',
    goneMeaning: 'Sie wurde entfernt, oder sie gehört jemand anderem.',
  },
});

export interface RequestPageProps {
  id: string;
  /** It was opened from within the screen: the focus goes to its title. */
  takesFocus: boolean;
}

export function RequestPage({ id, takesFocus }: RequestPageProps) {
  const text = useMessages(words);
  const { href, navigate } = useScreen();
  const query = useRequest(id);
  const ticket = query.data;
  const isGone = isApiError(query.error, 'not_found');
  const lead = useLead(ticket, !query.isPlaceholderData);
  useTitle(ticket && !isGone ? `#${ticket.number} ${ticket.title}` : null);
  useHotkeys([
    { keys: 'Escape', label: text.back, group: text.group, run: () => navigate('/', { keepScroll: true }) },
  ]);

  const back = (
    <a className={classes.back} href={href('/')}>
      <AppIcon name="arrow-left" />
      <span>{text.back}</span>
    </a>
  );
  if (query.isError && (isGone || !ticket)) {
    return (
      <div className={classes.root}>
        <div className={classes.top}>{back}</div>
        <ErrorState
          {...(isGone ? { title: text.gone, children: text.goneMeaning } : { error: query.error })}
          {...(isGone ? {} : { onRetry: () => void query.refetch() })}
          action={
            <Button component="a" variant="default" href={href('/')}>
              {text.back}
            </Button>
          }
        />
      </div>
    );
  }
  if (!ticket || lead.isOnWay) {
    return (
      <div className={classes.root} aria-busy>
        <div className={classes.top}>{back}</div>
        <div className={classes.middle}>
          <SkeletonRows rows={4} height={72} lines={2} />
        </div>
      </div>
    );
  }
  return <OpenRequest ticket={ticket} lead={lead} takesFocus={takesFocus} back={back} />;
}

interface OpenRequestProps {
  ticket: Ticket;
  lead: ReturnType<typeof useLead>;
  takesFocus: boolean;
  back: React.ReactNode;
}

function OpenRequest({ ticket, lead, takesFocus, back }: OpenRequestProps) {
  const text = useMessages(words);
  const heading = useRef<HTMLHeadingElement>(null);
  const answer = useRef<HTMLTextAreaElement>(null);
  const conversation = useConversation(ticket.id);
  const reopening = useReopening(ticket);
  useRead(ticket.id);
  const isMerged = ticket.mergedInto !== null;
  const canAnswer = !isMerged && reopening.kind !== 'over';

  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is opened
  useEffect(() => {
    if (takesFocus) heading.current?.focus({ preventScroll: true });
  }, []);

  useHotkeys([
    {
      keys: 'r',
      label: text.answer,
      group: text.group,
      isDisabled: !canAnswer,
      run: () => answer.current?.focus(),
    },
  ]);

  return (
    <section className={classes.root} aria-label={`${text.request} #${ticket.number}`}>
      <div className={classes.top}>{back}</div>
      <RequestHead ticket={ticket} headingRef={heading} />
      {lead.from && <Arrival from={lead.from} />}
      {isMerged && <MergedNotice ticket={ticket} isTargetGone={lead.isTargetGone} />}
      <Thread ticket={ticket} conversation={conversation} />
      <div className={classes.foot}>
        {!isMerged && <ReopenLine ticket={ticket} reopening={reopening} />}
        {canAnswer && (
          <AnswerBox
            ticket={ticket}
            areaRef={answer}
            onLeave={() => heading.current?.focus({ preventScroll: true })}
          />
        )}
      </div>
    </section>
  );
}
