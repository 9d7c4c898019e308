/** One ticket in the list: a link, so that it opens in another tab as well. */
import type { Ticket, ViewColumn } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  Checkbox,
  defineMessages,
  MarkedText,
  PriorityBars,
  RelativeTime,
  StatusBadge,
  stateWords,
  useMessages,
  VisuallyHidden,
  WorkflowBadge,
} from '@flowbit/ui';
import { lazy, memo, Suspense, useId } from 'react';
import { Initials } from '../fields/initials';
import { TagPill } from '../fields/tag-pill';
import { fieldWords } from '../fields/words';
import { usePendingTicket } from '../model/use-change-ticket';
import { SnoozeMark } from '../snooze/snooze-mark';
import { markWords } from './marked';
import classes from './ticket-row.module.css';

const words = defineMessages({
  en: {
    unread: 'Changed since you looked',
    leaving: 'No longer in this view',
    select: (number: number) => `Select #${number}`,
    messages: (count: number) => (count === 1 ? '1 message' : `${count} messages`),
  },
  de: {
    unread: 'Geändert, seit Sie zuletzt nachsahen',
    leaving: 'Nicht mehr in dieser Ansicht',
    select: (number: number) => `#${number} auswählen`,
    messages: (count: number) => (count === 1 ? '1 Nachricht' : `${count} Nachrichten`),
  },
});

/** The list does not wait for it. */
const MatchLine = lazy(async () => ({ default: (await import('../matches/match-line')).MatchLine }));

export interface TicketRowProps {
  ticket: Ticket;
  href: string;
  /** One line with columns instead of two lines. */
  isWide: boolean;
  /** What a wide row shows beside number and title. */
  columns: readonly ViewColumn[];
  isOpen: boolean;
  /** Takes the focus by Tab; the others are reached from it by arrows. */
  isActive: boolean;
  isUnread: boolean;
  /** Left the list, and stays only until nobody points at it. */
  isLeaving: boolean;
  /** Undefined where nothing can be done with a selection. */
  isSelected: boolean | undefined;
  /** Words that the list was searched for, folded; always the same array for the same words. */
  searched: readonly string[];
  /** What it was found by elsewhere than in its title: where that stands is shown. */
  foundBy: string | null;
  onActivate(id: string): void;
  onSelect(id: string, isRange: boolean): void;
}

function TicketRowView(props: TicketRowProps) {
  const { href, isWide, columns, isOpen, isActive, isUnread, isLeaving, isSelected, searched } = props;
  const { foundBy, onActivate, onSelect } = props;
  const text = useMessages(words);
  const fields = useMessages(fieldWords);
  const states = useMessages(stateWords);
  const { user } = useScreen();
  const matchId = useId();
  const ticket = usePendingTicket(props.ticket);
  const { id, number, tags, assignee, team, workflow } = ticket;
  const isTroubled = workflow?.state === 'failed' || workflow?.state === 'overdue';
  const isStaff = user.role !== 'user';
  const has = (column: ViewColumn) => !isWide || columns.includes(column);

  return (
    <div
      className={classes.row}
      data-wide={isWide || undefined}
      data-found={foundBy !== null || undefined}
      data-open={isOpen || undefined}
      data-leaving={isLeaving || undefined}
      data-selected={isSelected || undefined}
      data-unread={isUnread || undefined}
    >
      {isSelected !== undefined && (
        <span className={classes.select}>
          <Checkbox
            size="xs"
            tabIndex={-1}
            aria-label={text.select(number)}
            checked={isSelected}
            onClick={(event) => onSelect(id, event.shiftKey)}
            onChange={() => {}}
          />
        </span>
      )}
      <a
        href={href}
        data-ticket={id}
        className={classes.link}
        tabIndex={isActive ? 0 : -1}
        aria-current={isOpen ? 'true' : undefined}
        aria-describedby={foundBy === null ? undefined : matchId}
        onFocus={() => onActivate(id)}
        draggable={false}
      >
        <span className={classes.priority}>
          {has('priority') && <PriorityBars priority={ticket.priority} />}
        </span>
        <span className={classes.title}>
          {isUnread && (
            <span className={classes.dot}>
              <VisuallyHidden>{text.unread}: </VisuallyHidden>
            </span>
          )}
          <span className={classes.titleText}>
            <MarkedText parts={markWords(ticket.title, searched)} />
          </span>
          {ticket.snooze && <SnoozeMark snooze={ticket.snooze} />}
        </span>
        {isTroubled && has('workflow') && (
          <span className={classes.workflow} title={fields.workflowIs(states[workflow.state])}>
            <VisuallyHidden>{fields.workflow}: </VisuallyHidden>
            <WorkflowBadge state={workflow.state} variant="plain" />
          </span>
        )}
        {has('updatedAt') && <RelativeTime at={ticket.updatedAt} className={classes.time} />}
        {isWide && has('createdAt') && <RelativeTime at={ticket.createdAt} className={classes.created} />}
        {isWide && has('resolvedAt') && ticket.resolvedAt !== null && (
          <RelativeTime at={ticket.resolvedAt} className={classes.resolved} />
        )}
        <span className={classes.second}>
          {has('status') && (
            <span className={classes.status}>
              <StatusBadge status={ticket.status} variant="plain" />
            </span>
          )}
          <span className={classes.number}>#{number}</span>
          {isLeaving && <span className={classes.left}>{text.leaving}</span>}
          {isStaff && !isLeaving && has('requester') && (
            <span className={classes.requester} title={`${fields.requester}: ${ticket.requester.name}`}>
              <VisuallyHidden>{fields.requester}: </VisuallyHidden>
              {ticket.requester.name}
            </span>
          )}
          {ticket.messageCount > 0 && has('messages') && (
            <span className={classes.messages} title={text.messages(ticket.messageCount)}>
              <AppIcon name="message" size={14} />
              <span aria-hidden>{ticket.messageCount}</span>
              <VisuallyHidden>{text.messages(ticket.messageCount)}</VisuallyHidden>
            </span>
          )}
          {has('tags') && (
            <span className={classes.tags}>
              {tags.slice(0, 3).map((tag) => (
                <TagPill key={tag}>{tag}</TagPill>
              ))}
            </span>
          )}
          {isWide && team && has('team') && (
            <span className={classes.team} title={`${fields.team}: ${team.name}`}>
              <VisuallyHidden>{fields.team}: </VisuallyHidden>
              {team.name}
            </span>
          )}
          {has('assignee') && (
            <span className={classes.assignee}>
              <VisuallyHidden>{fields.assignee}: </VisuallyHidden>
              {assignee ? (
                <Initials name={assignee.name} />
              ) : (
                <span className={classes.noAssignee} title={fields.unassigned} />
              )}
              <span className={classes.assigneeName} title={assignee?.name ?? fields.unassigned}>
                {assignee?.name ?? fields.nobody}
              </span>
            </span>
          )}
        </span>
        {foundBy !== null && (
          // It describes the link and is no part of its name.
          <span id={matchId} className={classes.match} aria-hidden>
            <Suspense>
              <MatchLine ticketId={id} q={foundBy} isWide={isWide} />
            </Suspense>
          </span>
        )}
      </a>
    </div>
  );
}

export const TicketRow = memo(TicketRowView);
