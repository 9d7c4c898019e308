/** A request that was merged into another: it leads there, and can be seen as it was. */
import { isApiError, type Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { AppIcon, Button, defineMessages, useMessages } from '@flowbit/ui';
import { useEffect } from 'react';
import { useRequest } from '../model/queries';
import classes from './merged.module.css';

const words = defineMessages({
  en: {
    merged: (into: number) => `This request goes on in #${into}`,
    meaning: 'Both are about the same. Answers are read and written there.',
    gone: (into: number) => `#${into} is not there any more. You see what was written here.`,
    go: (into: number) => `Go to #${into}`,
    came: (number: number) => `Your request #${number} goes on here.`,
    original: (number: number) => `See #${number} as it was`,
  },
  de: {
    merged: (into: number) => `Diese Anfrage geht in #${into} weiter`,
    meaning: 'Beide betreffen dasselbe. Gelesen und geschrieben wird dort.',
    gone: (into: number) => `#${into} gibt es nicht mehr. Sie sehen, was hier geschrieben wurde.`,
    go: (into: number) => `Zu #${into}`,
    came: (number: number) => `Ihre Anfrage #${number} geht hier weiter.`,
    original: (number: number) => `#${number} zeigen, wie sie war`,
  },
});

const ORIGINAL = 'original';
const FROM = 'from';

/** The address of a request as it was, before it was merged. */
export function originalPath(id: string): string {
  return `/${id}?${ORIGINAL}=1`;
}

export interface Lead {
  /** Another request is about to be shown. */
  isOnWay: boolean;
  isTargetGone: boolean;
  /** The request that has led here. */
  from: Ticket | null;
}

/** `isKnown`: the request is as the server gave it, and not a row of the list. */
export function useLead(ticket: Ticket | undefined, isKnown: boolean): Lead {
  const { search, navigate } = useScreen();
  const into = ticket?.mergedInto?.id ?? null;
  const target = useRequest(into);
  const origin = useRequest(search.get(FROM)).data;
  const isTargetGone = isApiError(target.error, 'not_found');
  const leads = into !== null && isKnown && !search.has(ORIGINAL);
  const isThere = target.data !== undefined && !target.isPlaceholderData;
  const goesTo = leads && isThere ? into : null;
  const firstId = search.get(FROM) ?? ticket?.id ?? '';
  useEffect(() => {
    if (goesTo !== null) navigate(`/${goesTo}?${FROM}=${firstId}`, { replace: true });
  }, [goesTo, firstId, navigate]);
  return {
    isOnWay: leads && !target.isError && target.fetchStatus !== 'paused',
    isTargetGone,
    // The merge may have been undone since.
    from: origin && origin.mergedInto !== null && into === null ? origin : null,
  };
}

/** At a request that was merged, as it was. */
export function MergedNotice({ ticket, isTargetGone }: { ticket: Ticket; isTargetGone: boolean }) {
  const text = useMessages(words);
  const { href } = useScreen();
  const into = ticket.mergedInto;
  if (into === null) return null;
  return (
    <section className={classes.root} aria-label={text.merged(into.number)}>
      <AppIcon name="merge" className={classes.icon} />
      <div className={classes.body} role="status">
        <strong>{text.merged(into.number)}</strong>
        <p className={classes.line}>{isTargetGone ? text.gone(into.number) : text.meaning}</p>
      </div>
      {!isTargetGone && (
        <Button component="a" size="compact-sm" variant="default" href={href(`/${into.id}`)}>
          {text.go(into.number)}
        </Button>
      )}
    </section>
  );
}

/** At the request that another one has led to. */
export function Arrival({ from }: { from: Ticket }) {
  const text = useMessages(words);
  const { href } = useScreen();
  return (
    <p className={classes.arrival}>
      <AppIcon name="merge" size={14} />
      <span>
        {text.came(from.number)} <a href={href(originalPath(from.id))}>{text.original(from.number)}</a>
      </span>
    </p>
  );
}
