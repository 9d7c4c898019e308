/** What somebody changed, as one quiet line between the messages. */
import { RelativeTime } from '@flowbit/ui';
import { useDescribeChange } from '../fields/describe-change';
import classes from './change-line.module.css';
import type { FieldChange } from './timeline';

export interface ChangeLineProps {
  actor: string;
  at: string;
  changes: readonly FieldChange[];
}

export function ChangeLine({ actor, at, changes }: ChangeLineProps) {
  const describe = useDescribeChange();
  return (
    <p className={classes.root}>
      <span className={classes.dot} aria-hidden />
      <span className={classes.words}>
        <span className={classes.actor}>{actor}</span> {changes.map(describe).join(', ')}
      </span>
      <RelativeTime at={at} className={classes.time} />
    </p>
  );
}
