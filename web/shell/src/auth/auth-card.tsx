/** The frame of the pages before the desk: a name, a title, a form. */
import { Title } from '@flowbit/ui';
import type { ReactNode } from 'react';
import { Logo } from '../layout/logo';
import classes from './auth-card.module.css';

export function AuthCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <Logo />
        <Title order={1}>{title}</Title>
        {children}
      </div>
    </main>
  );
}
