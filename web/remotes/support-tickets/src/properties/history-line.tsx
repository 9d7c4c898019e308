/** One event of the ledger in a few words. */
import type { Json, LedgerEvent } from '@flowbit/api';
import { defineMessages, RelativeTime, useMessages } from '@flowbit/ui';
import { useDescribeChanges } from '../fields/describe-change';
import classes from './history-line.module.css';

const words = defineMessages({
  en: {
    'ticket.created': 'raised the ticket',
    'message.created': 'replied',
    note: 'wrote an internal note',
    'workflow.delivered': 'handed it to the workflow',
    'workflow.callback': 'answered',
    'workflow.failed': 'could not hand it to the workflow',
    'workflow.overdue': 'marked the workflow as overdue',
    'workflow.callbackRefused': 'refused an answer of the workflow',
    'delivery.replayed': 'ran the workflow again',
    system: 'Flowbit',
  },
  de: {
    'ticket.created': 'hat das Ticket angelegt',
    'message.created': 'hat geantwortet',
    note: 'hat eine interne Notiz angelegt',
    'workflow.delivered': 'hat es an den Workflow übergeben',
    'workflow.callback': 'hat geantwortet',
    'workflow.failed': 'konnte es nicht an den Workflow übergeben',
    'workflow.overdue': 'hat den Workflow als überfällig vermerkt',
    'workflow.callbackRefused': 'hat eine Antwort des Workflows abgewiesen',
    'delivery.replayed': 'hat den Workflow noch einmal gestartet',
    system: 'Flowbit',
  },
});

const TOLD = [
  'ticket.created',
  'message.created',
  'workflow.delivered',
  'workflow.callback',
  'workflow.failed',
  'workflow.overdue',
  'workflow.callbackRefused',
  'delivery.replayed',
] as const;

type Told = (typeof TOLD)[number];

function toldAction(event: LedgerEvent): Told | undefined {
  return TOLD.find((action) => action === event.action);
}

function isChangeSet(value: Json | undefined): value is { [field: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether there are words for it; a newer server may know more than this. */
export function isTold(event: LedgerEvent): boolean {
  if (event.action === 'ticket.updated') return isChangeSet(event.data.changes);
  // A notice that nobody waits for tells nothing about the ticket.
  if (event.action === 'workflow.delivered') return event.data.state !== 'done';
  return toldAction(event) !== undefined;
}

export function HistoryLine({ event }: { event: LedgerEvent }) {
  const text = useMessages(words);
  const describe = useDescribeChanges();

  function describeEvent(): string {
    const { changes } = event.data;
    if (event.action === 'ticket.updated' && isChangeSet(changes)) {
      const told = Object.entries(changes).flatMap(([field, change]) =>
        isChangeSet(change) ? [{ field, from: change.from ?? null, to: change.to ?? null }] : [],
      );
      return describe(told, event.actor);
    }
    if (event.action === 'message.created' && event.data.internal === true) return text.note;
    const action = toldAction(event);
    return action ? text[action] : event.action;
  }

  return (
    <li className={classes.root}>
      <span className={classes.words}>
        <span className={classes.actor}>
          {event.actor.kind === 'system' ? text.system : event.actor.name}
        </span>{' '}
        {describeEvent()}
      </span>
      <RelativeTime at={event.timestamp} className={classes.time} />
    </li>
  );
}
