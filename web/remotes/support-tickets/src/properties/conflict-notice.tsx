/** Somebody else changed the ticket first: what they changed, and the choice that remains. */
import type { Json, Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { AppIcon, Button, defineMessages, useMessages } from '@flowbit/ui';
import { useDescribeChanges } from '../fields/describe-change';
import type { Conflict, TicketPatch } from '../model/pending-changes';
import { pendingChanges } from '../model/stores';
import { useChangeTicket, useConflict } from '../model/use-change-ticket';
import classes from './conflict-notice.module.css';

const words = defineMessages({
  en: {
    title: 'Your change was not saved: someone else was faster',
    theirs: 'They',
    mine: 'You',
    apply: 'Save mine over it',
    keep: 'Keep theirs',
    nothing: 'changed something that is not shown here',
  },
  de: {
    title: 'Ihre Änderung wurde nicht gespeichert: Jemand war schneller',
    theirs: 'Die andere Person',
    mine: 'Sie',
    apply: 'Meine trotzdem speichern',
    keep: 'Andere behalten',
    nothing: 'hat etwas geändert, das hier nicht zu sehen ist',
  },
});

const FIELDS = ['title', 'description', 'status', 'priority', 'assignee', 'team', 'tags', 'snooze'] as const;

function asJson(value: unknown): Json {
  return (value ?? null) as Json;
}

/** Of custom fields only those that `now` says something of. */
function valueDifferences(before: Ticket, now: Ticket | TicketPatch) {
  const old = before.customFields as Record<string, Json>;
  return Object.entries((now.customFields ?? {}) as Record<string, Json>).flatMap(([key, to]) => {
    const from = asJson(old[key]);
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ field: `customFields.${key}`, from, to }];
  });
}

function differences(before: Ticket, now: Ticket | TicketPatch) {
  const plain = FIELDS.flatMap((field) => {
    if (!(field in now)) return [];
    const from = asJson(before[field]);
    const to = asJson(now[field]);
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ field, from, to }];
  });
  return [...plain, ...valueDifferences(before, now)];
}

function Notice({ conflict }: { conflict: Conflict }) {
  const text = useMessages(words);
  const describe = useDescribeChanges();
  const { user } = useScreen();
  const changeTicket = useChangeTicket();
  const { before, now, patch } = conflict;
  const theirs = describe(differences(before, now), { id: null });
  const mine = describe(differences(before, patch), { id: user.id, isReader: true });

  function close() {
    pendingChanges.setConflict(now.id, null);
  }

  return (
    <section className={classes.root} role="alert">
      <AppIcon name="alert-triangle" className={classes.icon} />
      <div className={classes.body}>
        <strong>{text.title}</strong>
        <p className={classes.line}>
          {text.theirs} {theirs || text.nothing}.
        </p>
        <p className={classes.line}>
          {text.mine} {mine}.
        </p>
        <div className={classes.actions}>
          <Button
            size="compact-sm"
            onClick={() => {
              close();
              void changeTicket(now, patch);
            }}
          >
            {text.apply}
          </Button>
          <Button size="compact-sm" variant="default" onClick={close}>
            {text.keep}
          </Button>
        </div>
      </div>
    </section>
  );
}

export function ConflictNotice({ ticketId }: { ticketId: string }) {
  const conflict = useConflict(ticketId);
  return conflict && <Notice conflict={conflict} />;
}
