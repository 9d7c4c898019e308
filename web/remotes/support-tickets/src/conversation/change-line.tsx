/** What somebody did to the ticket, as one quiet line between the messages. */
import { useScreen } from '@flowbit/contract';
import { RelativeTime, useMessages } from '@flowbit/ui';
import type { ReactNode } from 'react';
import { useDescribeChanges } from '../fields/describe-change';
import { ticketPath } from '../model/ticket-path';
import { wantTitleFocus } from '../model/title-focus';
import classes from './change-line.module.css';
import type { Reference } from './reference';
import { referenceWords } from './reference-words';
import type { ChangeActor, FieldChange } from './timeline';

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
