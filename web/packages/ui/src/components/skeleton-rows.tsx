/** Rows in their final height while the real ones load, so that nothing jumps. */
import { Skeleton, VisuallyHidden } from '@mantine/core';
import { defineMessages, useMessages } from '../i18n/locale';
import classes from './skeleton-rows.module.css';

const words = defineMessages({ en: { loading: 'Loading' }, de: { loading: 'Wird geladen' } });

export interface SkeletonRowsProps {
  rows?: number;
  /** Height of one row in pixels, as the real one has it. */
  height?: number;
  /** Lines of text in a row. */
  lines?: 1 | 2;
}

/** Widths that look like text; fixed, so that a render gives the same picture. */
const WIDTHS = [72, 54, 83, 61, 47, 76, 58, 68];

export function SkeletonRows({ rows = 8, height = 40, lines = 1 }: SkeletonRowsProps) {
  return (
    <div role="status">
      <VisuallyHidden>{useMessages(words).loading}</VisuallyHidden>
      {Array.from({ length: rows }, (_, index) => index).map((row) => (
        <div key={row} className={classes.row} style={{ height }} aria-hidden>
          <Skeleton height={10} width={`${WIDTHS[row % WIDTHS.length]}%`} radius={3} />
          {lines === 2 && (
            <Skeleton
              height={8}
              width={`${WIDTHS[(row + 3) % WIDTHS.length] ?? 60}%`}
              radius={3}
              mt={8}
              maw="60%"
            />
          )}
        </div>
      ))}
    </div>
  );
}
