/** What somebody changed, as one quiet line between the messages. */
import { RelativeTime } from '@flowbit/ui';
import { useDescribeChanges } from '../fields/describe-change';
import classes from './change-line.module.css';
import type { ChangeActor, FieldChange } from './timeline';

export interface ChangeLineProps {
  actor: ChangeActor;
  at: string;
  changes: readonly FieldChange[];
}

export function ChangeLine({ actor, at, changes }: ChangeLineProps) {
  const describe = useDescribeChanges();
  return (
    <p className={classes.root}>
      <span className={classes.dot} aria-hidden />
      <span className={classes.words}>
        <span className={classes.actor}>{actor.name}</span> {describe(changes, actor)}
      </span>
      <RelativeTime at={at} className={classes.time} />
    </p>
  );
}
