/** The parts of the screen as links. */
import { useScreen } from '@flowbit/contract';
import { defineMessages, useMessages } from '@flowbit/ui';
import classes from '../workflows/tabs.module.css';

const words = defineMessages({
  en: {
    label: 'Sections',
    macros: 'Macros',
    teams: 'Teams',
    fields: 'Fields',
    tags: 'Tags',
    requests: 'Requests',
  },
  de: {
    label: 'Abschnitte',
    macros: 'Makros',
    teams: 'Teams',
    fields: 'Felder',
    tags: 'Schlagwörter',
    requests: 'Anfragen',
  },
});

const PATHS = {
  macros: '/',
  teams: '/teams',
  fields: '/fields',
  tags: '/tags',
  requests: '/requests',
} as const;

export function Tabs({ current }: { current: keyof typeof PATHS }) {
  const text = useMessages(words);
  const { href, can } = useScreen();
  // Who is no admin has macros alone.
  if (!can('admin')) return null;
  return (
    <nav className={classes.root} aria-label={text.label}>
      {(['macros', 'teams', 'fields', 'tags', 'requests'] as const).map((tab) => (
        <a
          key={tab}
          href={href(PATHS[tab])}
          className={classes.tab}
          aria-current={current === tab ? 'page' : undefined}
        >
          {text[tab]}
        </a>
      ))}
    </nav>
  );
}
