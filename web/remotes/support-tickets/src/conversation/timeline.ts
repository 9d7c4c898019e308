/**
 * Messages, changes and workflow runs as one story, oldest first.
 *
 * Messages and the ledger are read apart; here they are put in one order, changes that somebody made
 * in one go become one line, and the events of a workflow's delivery become one block.
 */
import type { Json, LedgerEvent, Message, Ticket, Timestamp, WorkflowState } from '@flowbit/api';
import { findWakeCause, momentsOfMessages, type WakeCause } from '../model/wake-cause';
import { type OtherTicket, type Reference, referenceOf, standingMerges } from './reference';

export interface FieldChange {
  field: string;
  from: Json;
  to: Json;
  /** Of a snooze that ended, if nobody ended it by hand. */
  cause?: WakeCause;
}

/** Who changed something. */
export interface ChangeActor {
  id: string | null;
  name: string;
}

export interface WorkflowStep {
  /** The ledger's action, e.g. `workflow.overdue`. */
  action: string;
  at: Timestamp;
  actor: string;
}

export interface WorkflowRun {
  deliveryId: string;
  /** The workflow's name, if it has told it. */
  name: string | null;
  state: WorkflowState;
  /** When the workflow took the ticket; null while it has not. */
  acceptedAt: Timestamp | null;
  /** When it answered or failed; null while it runs. */
  endedAt: Timestamp | null;
  error: string | null;
  steps: WorkflowStep[];
}

export type TimelineItem =
  | { kind: 'message'; key: string; at: Timestamp; message: Message }
  | { kind: 'changes'; key: string; at: Timestamp; actor: ChangeActor; changes: FieldChange[] }
  | { kind: 'reference'; key: string; at: Timestamp; actor: ChangeActor; reference: Reference }
  /** An admin has deleted a file; null: its name is gone as well. */
  | { kind: 'fileDeleted'; key: string; at: Timestamp; actor: ChangeActor; name: string | null }
  /** Another ticket was merged into this one, and is shown here. */
  | { kind: 'merged'; key: string; at: Timestamp; actor: ChangeActor; source: OtherTicket }
  | { kind: 'workflow'; key: string; at: Timestamp; run: WorkflowRun };

/** What happens at the same instant stands in this order. */
const RANK = { message: 0, changes: 1, reference: 1, fileDeleted: 1, merged: 1, workflow: 2 } as const;
/** Changes by one person within this time are one line. */
const ONE_GO_MS = 2 * 60_000;

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** `moments`: those of the ticket's messages (`momentsOfMessages`). */
export function changesOf(event: LedgerEvent, moments: ReadonlySet<string>): FieldChange[] {
  const { changes } = event.data;
  if (!isObject(changes)) return [];
  return Object.entries(changes).flatMap(([field, change]) => {
    if (!isObject(change)) return [];
    const { from = null, to = null } = change;
    const cause = field === 'snooze' && to === null ? findWakeCause(event, moments) : null;
    return [{ field, from, to, ...(cause === null ? {} : { cause }) }];
  });
}

const WORKFLOW_STATE: Record<string, WorkflowState> = {
  'workflow.delivered': 'running',
  'workflow.callback': 'done',
  'workflow.failed': 'failed',
  'workflow.overdue': 'overdue',
  'delivery.replayed': 'pending',
};

/** The runs that somebody waits for; a plain notice to another system is no run. */
function collectRuns(events: readonly LedgerEvent[]): WorkflowRun[] {
  const runs = new Map<string, WorkflowRun>();
  for (const event of events) {
    const deliveryId = textOf(event.data.deliveryId);
    // A workflow may answer before it has accepted: then the acceptance says that it is done.
    const answered = event.action === 'workflow.delivered' && event.data.state === 'done';
    const state = answered ? 'done' : WORKFLOW_STATE[event.action];
    if (deliveryId === null || state === undefined) continue;
    let run = runs.get(deliveryId);
    if (!run) {
      if (answered) continue;
      run = { deliveryId, name: null, state, acceptedAt: null, endedAt: null, error: null, steps: [] };
      runs.set(deliveryId, run);
    }
    run.steps.push({ action: event.action, at: event.timestamp, actor: event.actor.name });
    run.state = state;
    run.error = textOf(event.data.error) ?? (state === 'failed' ? run.error : null);
    if (event.action === 'workflow.delivered' && !answered) run.acceptedAt = event.timestamp;
    if (event.actor.kind === 'workflow') run.name = event.actor.name;
    if (state === 'pending') run.acceptedAt = null;
    if (!answered) run.endedAt = state === 'done' || state === 'failed' ? event.timestamp : null;
  }
  return [...runs.values()];
}

/** The run that the ticket shows, also before the ledger says anything of it. */
function withPresentRun(runs: WorkflowRun[], ticket: Ticket): [WorkflowRun, Timestamp][] {
  const dated = runs.map((run): [WorkflowRun, Timestamp] => [run, run.steps[0]?.at ?? ticket.createdAt]);
  const shown = ticket.workflow;
  if (!shown || shown.deliveryId === null) return dated;
  const known = dated.find(([run]) => run.deliveryId === shown.deliveryId);
  if (known) {
    // The ticket is read apart from the ledger and may be ahead of it.
    if (Date.parse(shown.updatedAt) > Date.parse(known[0].steps.at(-1)?.at ?? ticket.createdAt)) {
      known[0].state = shown.state;
    }
    return dated;
  }
  const run: WorkflowRun = {
    deliveryId: shown.deliveryId,
    name: null,
    state: shown.state,
    acceptedAt: shown.state === 'running' ? shown.updatedAt : null,
    endedAt: shown.state === 'done' || shown.state === 'failed' ? shown.updatedAt : null,
    error: null,
    steps: [],
  };
  return [...dated, [run, shown.updatedAt]];
}

export interface TimelineInput {
  ticket: Ticket;
  messages: readonly Message[];
  events: readonly LedgerEvent[];
  /** Runs are for those who can do something about them. */
  showsWorkflow: boolean;
}

export function mergeTimeline({ ticket, messages, events, showsWorkflow }: TimelineInput): TimelineItem[] {
  const items: TimelineItem[] = messages.map((message) => ({
    kind: 'message',
    key: message.id,
    at: message.createdAt,
    message,
  }));
  const merges = standingMerges(events);
  const moments = momentsOfMessages(events);
  for (const event of events) {
    const line = {
      key: event.id,
      at: event.timestamp,
      actor: { id: event.actor.id, name: event.actor.name },
    };
    const reference = referenceOf(event);
    if (reference && merges.has(event.id)) {
      items.push({ kind: 'merged', ...line, source: { id: reference.id, number: reference.number } });
    } else if (reference) {
      items.push({ kind: 'reference', ...line, reference });
    }
    if (event.action === 'attachment.deleted') {
      items.push({ kind: 'fileDeleted', ...line, name: textOf(event.data.name) });
    }
    const changes = event.action === 'ticket.updated' ? changesOf(event, moments) : [];
    if (changes.length > 0) items.push({ kind: 'changes', ...line, changes });
  }
  if (showsWorkflow) {
    for (const [run, at] of withPresentRun(collectRuns(events), ticket)) {
      items.push({ kind: 'workflow', key: `run:${run.deliveryId}`, at, run });
    }
  }
  items.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || RANK[a.kind] - RANK[b.kind]);
  return joinChanges(items);
}

function joinChanges(items: readonly TimelineItem[]): TimelineItem[] {
  const joined: TimelineItem[] = [];
  for (const item of items) {
    const before = joined.at(-1);
    if (
      item.kind === 'changes' &&
      before?.kind === 'changes' &&
      before.actor.id === item.actor.id &&
      before.actor.name === item.actor.name &&
      Date.parse(item.at) - Date.parse(before.at) <= ONE_GO_MS
    ) {
      joined[joined.length - 1] = { ...before, changes: foldChanges(before.changes, item.changes) };
    } else {
      joined.push(item);
    }
  }
  return joined.filter((item) => item.kind !== 'changes' || item.changes.length > 0);
}

/** From A to B and on to C is from A to C; back to A is nothing. */
function foldChanges(before: readonly FieldChange[], after: readonly FieldChange[]): FieldChange[] {
  const folded = new Map(before.map((change) => [change.field, change]));
  for (const change of after) {
    const earlier = folded.get(change.field);
    folded.set(change.field, earlier ? { ...change, from: earlier.from } : change);
  }
  return [...folded.values()].filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
}
