/** One event as a line: when, who, what, about which ticket, from where; opens to all of it. */
import type { AuditItem } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { AppIcon, type IconName, RelativeTime } from '@flowbit/ui';
import { useId } from 'react';
import { useActionWords } from '../parts/action-words';
import type { AuditFilter } from './audit-filter';
import { changesOf } from './event-changes';
import { EventDetail } from './event-detail';
import classes from './event-row.module.css';
import { ticketNumberOf, useEventWords, useSubjectOf } from './event-words';

const ACTOR_ICONS: Record<AuditItem['actor']['kind'], IconName> = {
  user: 'user',
  apiToken: 'key',
  workflow: 'webhook',
  system: 'server',
};

/** More fields than these are counted. */
const SHOWN_FIELDS = 3;

export interface EventRowProps {
  event: AuditItem;
  isOpen: boolean;
  onToggle(seq: number): void;
  onNarrow(filter: AuditFilter): void;
}

export function EventRow({ event, isOpen, onToggle, onNarrow }: EventRowProps) {
  const id = useId();
  const { findScreen } = useScreen();
  const actionWords = useActionWords();
  const { fieldOf } = useEventWords();
  const { label, icon, isTrouble } = actionWords(event.action);
  const subject = useSubjectOf()(event);
  const number = ticketNumberOf(event);
  const tickets = findScreen('./Tickets');
  const fields = changesOf(event.data).map((change) => fieldOf(change.path));
  const more = fields.length - SHOWN_FIELDS;
  const isGone = event.action === 'ticket.deleted';
  return (
    <li className={classes.root} data-open={isOpen || undefined}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the whole line answers to a click; the button in it has the keys */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div
        className={classes.line}
        onClick={(click) => {
          if (click.target instanceof Element && !click.target.closest('a, button')) onToggle(event.seq);
        }}
      >
        <span className={classes.icon} data-trouble={isTrouble || undefined}>
          <AppIcon name={icon} />
        </span>
        <span className={classes.what}>
          <button
            type="button"
            data-row
            className={classes.open}
            aria-expanded={isOpen}
            aria-controls={id}
            onClick={() => onToggle(event.seq)}
          >
            {label}
          </button>
          {subject && <span className={classes.subject}>{subject}</span>}
          {fields.length > 0 && (
            <span className={classes.fields}>
              {fields.slice(0, SHOWN_FIELDS).join(', ')}
              {more > 0 && ` +${more}`}
            </span>
          )}
        </span>
        <span className={classes.who}>
          <AppIcon name={ACTOR_ICONS[event.actor.kind]} size={14} />
          <span className={classes.name}>{event.actor.name}</span>
        </span>
        <span className={classes.ticket}>
          {number !== null &&
            (tickets && event.ticketId && !isGone ? (
              <a href={`${tickets.basePath}/${event.ticketId}`}>#{number}</a>
            ) : (
              `#${number}`
            ))}
        </span>
        <span className={classes.ip}>{event.ip}</span>
        <span className={classes.when}>
          <RelativeTime at={event.timestamp} />
        </span>
        <AppIcon name={isOpen ? 'chevron-down' : 'chevron-right'} size={14} className={classes.chevron} />
      </div>
      <div id={id}>{isOpen && <EventDetail event={event} onNarrow={onNarrow} />}</div>
    </li>
  );
}
