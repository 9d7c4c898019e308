/** One event of the ledger in a few words. */
import type { Json, LedgerEvent } from '@flowbit/api';
import { defineMessages, RelativeTime, useMessages } from '@flowbit/ui';
import { deletedFileWords } from '../conversation/change-line';
import { referenceOf } from '../conversation/reference';
import { referenceWords } from '../conversation/reference-words';
import { changesOf } from '../conversation/timeline';
import { useDescribeChanges } from '../fields/describe-change';
import classes from './history-line.module.css';

const words = defineMessages({
  en: {
    'ticket.created': 'raised the ticket',
    'ticket.imported': 'brought the ticket along from an earlier desk',
    'message.imported': 'brought messages along from an earlier desk',
    'message.created': 'replied',
    'ticket.watched': 'watches the ticket',
    'ticket.unwatched': 'no longer watches the ticket',
    note: 'wrote an internal note',
    'workflow.delivered': 'handed it to the workflow',
    'workflow.callback': 'answered',
    'workflow.failed': 'could not hand it to the workflow',
    'workflow.overdue': 'marked the workflow as overdue',
    'workflow.callbackRefused': 'refused an answer of the workflow',
    'delivery.replayed': 'ran the workflow again',
    'macro.applied': 'applied a macro of their own',
    appliedMacro: (name: string) => `applied the macro “${name}”`,
    earlier: 'Earlier desk',
    system: 'Flowbit',
  },
  de: {
    'ticket.created': 'hat das Ticket angelegt',
    'ticket.imported': 'hat das Ticket von einem früheren Desk mitgebracht',
    'message.imported': 'hat Nachrichten von einem früheren Desk mitgebracht',
    'message.created': 'hat geantwortet',
    'ticket.watched': 'beobachtet das Ticket',
    'ticket.unwatched': 'beobachtet das Ticket nicht mehr',
    note: 'hat eine interne Notiz angelegt',
    'workflow.delivered': 'hat es an den Workflow übergeben',
    'workflow.callback': 'hat geantwortet',
    'workflow.failed': 'konnte es nicht an den Workflow übergeben',
    'workflow.overdue': 'hat den Workflow als überfällig vermerkt',
    'workflow.callbackRefused': 'hat eine Antwort des Workflows abgewiesen',
    'delivery.replayed': 'hat den Workflow noch einmal gestartet',
    'macro.applied': 'hat ein eigenes Makro angewendet',
    appliedMacro: (name: string) => `hat das Makro „${name}“ angewendet`,
    earlier: 'Früheres Desk',
    system: 'Flowbit',
  },
});

const TOLD = [
  'ticket.created',
  'ticket.imported',
  'message.imported',
  'message.created',
  'ticket.watched',
  'ticket.unwatched',
  'workflow.delivered',
  'workflow.callback',
  'workflow.failed',
  'workflow.overdue',
  'workflow.callbackRefused',
  'delivery.replayed',
  'macro.applied',
] as const;

type Told = (typeof TOLD)[number];

function toldAction(event: LedgerEvent): Told | undefined {
  return TOLD.find((action) => action === event.action);
}

function isChangeSet(value: Json | undefined): value is { [field: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What another program's history says, in its own words: who, what, and when, as far as it says. */
export function toldElsewhere(event: LedgerEvent): { who: string | null; what: string; at: string } | null {
  const { action, actor, at } = event.data;
  if (event.action !== 'history.imported' || typeof action !== 'string') return null;
  const name = isChangeSet(actor) ? actor.name : null;
  return {
    who: typeof name === 'string' && name !== '' ? name : null,
    what: action,
    at: typeof at === 'string' ? at : event.timestamp,
  };
}

/** Whether there are words for it; a newer server may know more than this. */
export function isTold(event: LedgerEvent): boolean {
  if (event.action === 'ticket.updated') return isChangeSet(event.data.changes);
  if (toldElsewhere(event) !== null || referenceOf(event) !== null) return true;
  if (event.action === 'attachment.deleted') return true;
  // A notice that nobody waits for tells nothing about the ticket.
  if (event.action === 'workflow.delivered') return event.data.state !== 'done';
  return toldAction(event) !== undefined;
}

export interface HistoryLineProps {
  event: LedgerEvent;
  /** Those of the ticket's messages (`momentsOfMessages`). */
  moments: ReadonlySet<string>;
}

export function HistoryLine({ event, moments }: HistoryLineProps) {
  const text = useMessages(words);
  const others = useMessages(referenceWords);
  const files = useMessages(deletedFileWords);
  const describe = useDescribeChanges();

  function describeEvent(): string {
    if (event.action === 'ticket.updated' && isTold(event)) {
      return describe(changesOf(event, moments), event.actor);
    }
    if (event.action === 'message.created' && event.data.internal === true) return text.note;
    if (event.action === 'macro.applied' && typeof event.data.name === 'string') {
      return text.appliedMacro(event.data.name);
    }
    if (event.action === 'attachment.deleted') {
      const { name } = event.data;
      return files.deleted(typeof name === 'string' && name !== '' ? name : null);
    }
    const reference = referenceOf(event);
    if (reference) return others[reference.deed](reference.number);
    const action = toldAction(event);
    return action ? text[action] : event.action;
  }

  const elsewhere = toldElsewhere(event);
  const known = event.actor.kind === 'system' ? text.system : event.actor.name;
  return (
    <li className={classes.root}>
      <span className={classes.words}>
        <span className={classes.actor}>{elsewhere === null ? known : (elsewhere.who ?? text.earlier)}</span>{' '}
        {elsewhere === null ? describeEvent() : <code>{elsewhere.what}</code>}
      </span>
      <RelativeTime at={elsewhere?.at ?? event.timestamp} className={classes.time} />
    </li>
  );
}
