/** The views at the left, each with the number of its tickets. */
import type { TicketCounts } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { AppIcon, defineMessages, useFormats, useMessages, VisuallyHidden } from '@flowbit/ui';
import { useViewName } from '../fields/view-name';
import { defaultView, type ViewId, viewsFor } from '../model/views';
import classes from './views-column.module.css';

const words = defineMessages({
  en: {
    views: 'Views',
    tickets: (count: string, isOne: boolean) => `${count} ${isOne ? 'ticket' : 'tickets'}`,
  },
  de: {
    views: 'Ansichten',
    tickets: (count: string, isOne: boolean) => `${count} ${isOne ? 'Ticket' : 'Tickets'}`,
  },
});

export interface ViewsColumnProps {
  current: ViewId;
  counts: TicketCounts | undefined;
}

export function ViewsColumn({ current, counts }: ViewsColumnProps) {
  const text = useMessages(words);
  const formats = useFormats();
  const nameOf = useViewName();
  const { user, href } = useScreen();
  return (
    <nav className={classes.root} aria-label={text.views}>
      <h2 className={classes.heading}>{text.views}</h2>
      <ul className={classes.list}>
        {viewsFor(user.role).map((view) => {
          const count = counts ? view.count(counts) : null;
          return (
            <li key={view.id}>
              <a
                href={href(view.id === defaultView(user.role) ? '/' : `/?view=${view.id}`)}
                className={classes.link}
                aria-current={view.id === current ? 'page' : undefined}
              >
                <AppIcon name={view.icon} />
                <span className={classes.name}>{nameOf(view.id)}</span>
                {count !== null && (
                  <span className={classes.count} data-alarm={(view.isAlarm && count > 0) || undefined}>
                    <span aria-hidden>{formats.number(count)}</span>
                    <VisuallyHidden>{text.tickets(formats.number(count), count === 1)}</VisuallyHidden>
                  </span>
                )}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
