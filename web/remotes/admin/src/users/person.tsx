/** A person in two lines: name and address. */
import type { AdminUser } from '@flowbit/api';
import { Avatar, defineMessages, useMessages } from '@flowbit/ui';
import classes from './person.module.css';

const words = defineMessages({ en: { you: '(you)' }, de: { you: '(Sie)' } });

export function initialsOf(name: string): string {
  const parts = name.trim().split(/\s+/);
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : undefined].map((part) => [...(part ?? '')][0]);
  return letters.join('').toUpperCase();
}

export function Person({ user, isSelf }: { user: AdminUser; isSelf: boolean }) {
  const text = useMessages(words);
  return (
    <span className={classes.root} data-off={!user.active || undefined}>
      <Avatar size={28} radius="sm" variant="light" color="gray" aria-hidden>
        {initialsOf(user.name)}
      </Avatar>
      <span className={classes.words}>
        <span className={classes.name}>
          {user.name}
          {isSelf && <span className={classes.you}>{text.you}</span>}
        </span>
        <span className={classes.email}>{user.email}</span>
      </span>
    </span>
  );
}
