/** One quiet line of what was found: of what it is a part, and where the words stand in it. */
import { markRanges } from '../text/mark-ranges';
import { AppIcon } from './app-icon';
import classes from './excerpt-line.module.css';
import { MarkedText } from './marked-text';

export interface ExcerptLineProps {
  /** What it is of: a description, a message. */
  place: string;
  /** For the staff alone. */
  isInternal: boolean;
  text: string;
  ranges: readonly (readonly number[])[];
}

export function ExcerptLine({ place, isInternal, text, ranges }: ExcerptLineProps) {
  return (
    <span className={classes.line}>
      <span className={classes.place} data-internal={isInternal || undefined}>
        {isInternal && <AppIcon name="lock" size={12} className={classes.icon} />}
        {place}:{' '}
      </span>
      <MarkedText parts={markRanges(text, ranges)} />
    </span>
  );
}
