/** Priority as four bars; urgent is filled and coloured. */
import { VisuallyHidden } from '@mantine/core';
import { useMessages } from '../i18n/locale';
import classes from './priority-bars.module.css';
import { stateWords } from './state-badge';

const LEVELS = { low: 1, normal: 2, high: 3, urgent: 4 } as const;

export interface PriorityBarsProps {
  priority: keyof typeof LEVELS;
  /** Shows the word beside the bars. */
  withLabel?: boolean;
}

export function PriorityBars({ priority, withLabel = false }: PriorityBarsProps) {
  const word = useMessages(stateWords)[priority];
  const level = LEVELS[priority];
  return (
    <span className={classes.root} title={withLabel ? undefined : word}>
      <svg
        width="16"
        height="16"
        viewBox="0 0 16 16"
        data-priority={priority}
        className={classes.bars}
        aria-hidden
      >
        {[1, 2, 3, 4].map((bar) => (
          <rect
            key={bar}
            x={bar * 3.5 - 2.5}
            y={13 - bar * 2.75}
            width="2.5"
            height={bar * 2.75}
            rx="0.75"
            data-on={bar <= level || undefined}
          />
        ))}
      </svg>
      {withLabel ? <span>{word}</span> : <VisuallyHidden>{word}</VisuallyHidden>}
    </span>
  );
}
