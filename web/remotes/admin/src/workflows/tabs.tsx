/** The two sides of the screen as links: endpoints, and what was sent to them. */
import { useScreen } from '@flowbit/contract';
import { defineMessages, useMessages } from '@flowbit/ui';
import classes from './tabs.module.css';

const words = defineMessages({
  en: { label: 'Sections', endpoints: 'Endpoints', deliveries: 'Deliveries' },
  de: { label: 'Abschnitte', endpoints: 'Endpunkte', deliveries: 'Zustellungen' },
});

export function Tabs({ current }: { current: 'endpoints' | 'deliveries' }) {
  const text = useMessages(words);
  const { href } = useScreen();
  return (
    <nav className={classes.root} aria-label={text.label}>
      <a href={href('/')} className={classes.tab} aria-current={current === 'endpoints' ? 'page' : undefined}>
        {text.endpoints}
      </a>
      <a
        href={href('/deliveries')}
        className={classes.tab}
        aria-current={current === 'deliveries' ? 'page' : undefined}
      >
        {text.deliveries}
      </a>
    </nav>
  );
}
