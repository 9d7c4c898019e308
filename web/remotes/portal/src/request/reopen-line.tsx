/** At a solved request: until when an answer opens it again, and what to do after that. */
import type { Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { AppIcon, Button, defineMessages, useFormats, useMessages } from '@flowbit/ui';
import { useEffect, useState } from 'react';
import { type Reopening, reopeningOf } from '../model/status';
import classes from './reopen-line.module.css';

const words = defineMessages({
  en: {
    until: (at: string) => `Not solved? Answer until ${at} to reopen it.`,
    always: 'Not solved? Answer to reopen it.',
    over: 'This request is closed.',
    overMeaning: 'It can’t be reopened any more. If it is not solved, or something new came up:',
    follow: 'Raise a follow-up',
  },
  de: {
    until: (at: string) => `Nicht gelöst? Antworten Sie bis ${at}, um sie wieder zu öffnen.`,
    always: 'Nicht gelöst? Antworten Sie, um sie wieder zu öffnen.',
    over: 'Diese Anfrage ist geschlossen.',
    overMeaning: 'Sie lässt sich nicht mehr öffnen. Ist sie nicht gelöst, oder gibt es etwas Neues:',
    follow: 'Folgeanfrage stellen',
  },
});

/** Longer timers than this run at once. */
const TIMER_MAX_MS = 2_000_000_000;

/** What an answer does, as it is now: the time may end while one looks. */
export function useReopening(ticket: Ticket): Reopening {
  const [now, setNow] = useState(Date.now);
  const reopening = reopeningOf(ticket, Math.max(now, Date.now()));
  const until = reopening.kind === 'reopens' ? reopening.until : null;
  useEffect(() => {
    if (until === null) return;
    const rest = Date.parse(until) - Date.now();
    const timer = setTimeout(() => setNow(Date.now()), Math.min(TIMER_MAX_MS, Math.max(0, rest) + 1));
    return () => clearTimeout(timer);
  }, [until]);
  return reopening;
}

export function ReopenLine({ ticket, reopening }: { ticket: Ticket; reopening: Reopening }) {
  const text = useMessages(words);
  const formats = useFormats();
  const { href } = useScreen();
  if (reopening.kind === 'open') return null;
  if (reopening.kind === 'reopens') {
    const { until } = reopening;
    return (
      <p className={classes.line}>
        <AppIcon name="replay" size={14} />
        {until === null ? text.always : text.until(formats.moment(new Date(until), Date.now()))}
      </p>
    );
  }
  return (
    <div className={classes.over} role="status">
      <div>
        <strong>{text.over}</strong>
        <p className={classes.meaning}>{text.overMeaning}</p>
      </div>
      <Button component="a" href={href(`/new?follows=${ticket.id}`)} leftSection={<AppIcon name="plus" />}>
        {text.follow}
      </Button>
    </div>
  );
}
