/** At a ticket that was merged and is shown as it is: where it has gone, the way there, and the way back. */
import type { Ticket } from '@flowbit/api';
import { useCommands, useScreen } from '@flowbit/contract';
import { AppIcon, Button, defineMessages, useMessages } from '@flowbit/ui';
import { useCallback, useMemo, useState } from 'react';
import type { OtherTicket } from '../conversation/reference';
import { ticketPath } from '../model/ticket-path';
import { wantTitleFocus } from '../model/title-focus';
import classes from './merged-banner.module.css';
import { useMerge } from './use-merge';

const words = defineMessages({
  en: {
    merged: (into: number) => `Merged into #${into}`,
    meaning: (into: number) => `This ticket is closed. The work goes on in #${into}.`,
    gone: (into: number) =>
      `#${into} is not there any more: it was deleted, or you have no access to it. This ticket is shown in its place.`,
    go: (into: number) => `Go to #${into}`,
    undo: 'Undo merge',
    came: (number: number) => `#${number} was merged into this ticket.`,
    original: (number: number) => `See #${number} as it was`,
  },
  de: {
    merged: (into: number) => `Mit #${into} zusammengeführt`,
    meaning: (into: number) => `Dieses Ticket ist geschlossen. Weiter geht es in #${into}.`,
    gone: (into: number) =>
      `#${into} ist nicht mehr da: Es wurde gelöscht, oder Sie haben keinen Zugriff darauf. Statt seiner sehen Sie dieses Ticket.`,
    go: (into: number) => `Zu #${into} gehen`,
    undo: 'Zusammenführung aufheben',
    came: (number: number) => `#${number} wurde mit diesem Ticket zusammengeführt.`,
    original: (number: number) => `#${number} zeigen, wie es war`,
  },
});

export interface MergedBannerProps {
  ticket: Ticket;
  into: OtherTicket;
  isTargetGone: boolean;
}

export function MergedBanner({ ticket, into, isTargetGone }: MergedBannerProps) {
  const text = useMessages(words);
  const { can, href, search } = useScreen();
  const { undo } = useMerge();
  const [isUndoing, setUndoing] = useState(false);
  const isStaff = can('agent', 'admin');
  const undoMerge = useCallback(async () => {
    setUndoing(true);
    await undo(ticket);
    setUndoing(false);
  }, [undo, ticket]);
  useCommands(
    useMemo(
      () =>
        isStaff ? [{ id: 'unmerge', label: text.undo, icon: 'replay', run: () => void undoMerge() }] : [],
      [isStaff, text, undoMerge],
    ),
  );
  return (
    <section className={classes.root} aria-label={text.merged(into.number)}>
      <AppIcon name="merge" className={classes.icon} />
      <div className={classes.body}>
        <div role="status">
          <strong>{text.merged(into.number)}</strong>
          <p className={classes.line}>{(isTargetGone ? text.gone : text.meaning)(into.number)}</p>
        </div>
        <div className={classes.actions}>
          {!isTargetGone && (
            <Button
              component="a"
              size="compact-sm"
              variant="default"
              href={href(ticketPath(into.id, search))}
              onClick={() => wantTitleFocus(into.id)}
            >
              {text.go(into.number)}
            </Button>
          )}
          {isStaff && (
            <Button size="compact-sm" variant="default" loading={isUndoing} onClick={() => void undoMerge()}>
              {text.undo}
            </Button>
          )}
        </div>
      </div>
    </section>
  );
}

/** At the ticket that another one has led to. */
export function ArrivalLine({ from }: { from: OtherTicket }) {
  const text = useMessages(words);
  const { href, search } = useScreen();
  return (
    <p className={classes.arrival}>
      <AppIcon name="merge" size={14} />
      <span>
        {text.came(from.number)}{' '}
        <a
          href={href(ticketPath(from.id, search, { isOriginal: true }))}
          onClick={() => wantTitleFocus(from.id)}
        >
          {text.original(from.number)}
        </a>
      </span>
    </p>
  );
}
