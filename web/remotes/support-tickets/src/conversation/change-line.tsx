/** What somebody did to the ticket, as one quiet line between the messages. */
import { useScreen } from '@flowbit/contract';
import { defineMessages, RelativeTime, useMessages } from '@flowbit/ui';
import type { ReactNode } from 'react';
import { useDescribeChanges } from '../fields/describe-change';
import { ticketPath } from '../model/ticket-path';
import { wantTitleFocus } from '../model/title-focus';
import classes from './change-line.module.css';
import type { Reference } from './reference';
import { referenceWords } from './reference-words';
import type { ChangeActor, FieldChange } from './timeline';

/** What is said of a file that was deleted, here and in the history. */
export const deletedFileWords = defineMessages({
  en: { deleted: (name: string | null) => (name === null ? 'deleted a file' : `deleted the file “${name}”`) },
  de: {
    deleted: (name: string | null) =>
      name === null ? 'hat eine Datei gelöscht' : `hat die Datei „${name}“ gelöscht`,
  },
});

interface LineProps {
  actor: ChangeActor;
  at: string;
}

function Line({ actor, at, children }: LineProps & { children: ReactNode }) {
  return (
    <p className={classes.root}>
      <span className={classes.dot} aria-hidden />
      <span className={classes.words}>
        <span className={classes.actor}>{actor.name}</span> {children}
      </span>
      <RelativeTime at={at} className={classes.time} />
    </p>
  );
}

export function ChangeLine({ changes, ...line }: LineProps & { changes: readonly FieldChange[] }) {
  const describe = useDescribeChanges();
  return <Line {...line}>{describe(changes, line.actor)}</Line>;
}

export function ReferenceLine({ reference, ...line }: LineProps & { reference: Reference }) {
  const text = useMessages(referenceWords);
  const { href, search } = useScreen();
  const { deed, id, number } = reference;
  return (
    <Line {...line}>
      <a className={classes.link} href={href(ticketPath(id, search))} onClick={() => wantTitleFocus(id)}>
        {text[deed](number)}
      </a>
    </Line>
  );
}

export function DeletedFileLine({ name, ...line }: LineProps & { name: string | null }) {
  return <Line {...line}>{useMessages(deletedFileWords).deleted(name)}</Line>;
}
