/** A person as their initials; decoration beside their name unless it stands alone. */
import classes from './initials.module.css';

function initialsOf(name: string): string {
  const parts = name.trim().split(/\s+/);
  const last = parts.length > 1 ? (parts.at(-1) ?? '') : '';
  return [...`${parts[0]?.[0] ?? '?'}${last[0] ?? ''}`].join('').toUpperCase();
}

export interface InitialsProps {
  name: string;
  size?: 20 | 24 | 28;
  /** Shows the name on hover and gives it to assistive technology. */
  isAlone?: boolean;
}

export function Initials({ name, size = 20, isAlone = false }: InitialsProps) {
  return (
    <span
      className={classes.root}
      data-size={size}
      {...(isAlone ? { title: name, role: 'img', 'aria-label': name } : { 'aria-hidden': true })}
    >
      {initialsOf(name)}
    </span>
  );
}
