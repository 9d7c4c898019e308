/** One request in the list: a link, so that it opens in another tab as well. */
import type { Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, RelativeTime, StateBadge, useMessages, VisuallyHidden } from '@flowbit/ui';
import { STATUS_LOOK, statusWords } from '../model/status';
import classes from './request-row.module.css';

const words = defineMessages({
  en: {
    unread: 'New',
    changed: 'Last change',
    merged: (into: number) => `Goes on in #${into}`,
    messages: (count: number) => (count === 1 ? '1 message' : `${count} messages`),
  },
  de: {
    unread: 'Neu',
    changed: 'Letzte Änderung',
    merged: (into: number) => `Geht in #${into} weiter`,
    messages: (count: number) => (count === 1 ? '1 Nachricht' : `${count} Nachrichten`),
  },
});

export interface RequestRowProps {
  ticket: Ticket;
  isUnread: boolean;
}

export function RequestRow({ ticket, isUnread }: RequestRowProps) {
  const text = useMessages(words);
  const states = useMessages(statusWords);
  const { href } = useScreen();
  const { id, number, title, status, mergedInto, messageCount, updatedAt } = ticket;
  return (
    <li className={classes.root} data-unread={isUnread || undefined}>
      <a className={classes.link} href={href(`/${id}`)} data-request={id}>
        <span className={classes.title}>
          {isUnread && <span className={classes.mark}>{text.unread}</span>}
          <span className={classes.words}>{title}</span>
        </span>
        <span className={classes.time}>
          <VisuallyHidden>{text.changed}: </VisuallyHidden>
          <RelativeTime at={updatedAt} />
        </span>
        <span className={classes.facts}>
          {mergedInto ? (
            <span>{text.merged(mergedInto.number)}</span>
          ) : (
            <StateBadge {...STATUS_LOOK[status]} label={states[status]} variant="plain" />
          )}
          <span>#{number}</span>
          {messageCount > 0 && <span>{text.messages(messageCount)}</span>}
        </span>
      </a>
    </li>
  );
}
