/** A tag as a quiet pill, with the colour that the company gave it. */
import { useTagColor } from '../model/fields';
import classes from './tag-pill.module.css';

export function TagPill({ children }: { children: string }) {
  const color = useTagColor(children);
  return (
    <span className={classes.root} data-color={color ?? undefined}>
      {children}
    </span>
  );
}
