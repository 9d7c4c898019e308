/** A tag as a quiet pill. */
import type { ReactNode } from 'react';
import classes from './tag-pill.module.css';

export function TagPill({ children }: { children: ReactNode }) {
  return <span className={classes.root}>{children}</span>;
}
