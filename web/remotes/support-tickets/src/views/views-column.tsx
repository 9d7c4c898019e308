/** The views at the left, each with the number of its tickets: the ready-made ones, then the saved ones. */
import { useScreen } from '@flowbit/contract';
import { AppIcon, defineMessages, useFormats, useMessages, VisuallyHidden } from '@flowbit/ui';
import { useViewName } from '../fields/view-name';
import type { ViewNumber } from '../model/queries';
import { pathOfView, type View } from '../model/views';
import { formatNumber } from './view-number';
import classes from './views-column.module.css';

const words = defineMessages({
  en: {
    views: 'Views',
    saved: 'Saved',
    shared: 'shared',
    tickets: (count: string, isOne: boolean) => `${count} ${isOne ? 'ticket' : 'tickets'}`,
  },
  de: {
    views: 'Ansichten',
    saved: 'Gespeichert',
    shared: 'geteilt',
    tickets: (count: string, isOne: boolean) => `${count} ${isOne ? 'Ticket' : 'Tickets'}`,
  },
});

export interface ViewsColumnProps {
  views: readonly View[];
  current: View;
  numbers: ReadonlyMap<string, ViewNumber>;
}

export function ViewsColumn({ views, current, numbers }: ViewsColumnProps) {
  const text = useMessages(words);
  const formats = useFormats();
  const nameOf = useViewName();
  const { user, href } = useScreen();

  function renderView(view: View) {
    const number = numbers.get(view.id);
    const shown = formatNumber(number, formats.number);
    return (
      <li key={view.id}>
        <a
          href={href(pathOfView(user.role, view.id))}
          className={classes.link}
          aria-current={view.id === current.id ? 'page' : undefined}
        >
          <AppIcon name={view.icon} />
          <span className={classes.name} title={view.saved?.name}>
            {nameOf(view)}
          </span>
          {view.saved?.shared && <VisuallyHidden>{text.shared}</VisuallyHidden>}
          {number && (
            <span className={classes.count} data-alarm={(view.isAlarm && number.count > 0) || undefined}>
              <span aria-hidden>{shown}</span>
              <VisuallyHidden>{text.tickets(shown, number.count === 1)}</VisuallyHidden>
            </span>
          )}
        </a>
      </li>
    );
  }

  const saved = views.filter((view) => view.saved);
  return (
    <nav className={classes.root} aria-label={text.views}>
      <h2 className={classes.heading}>{text.views}</h2>
      <ul className={classes.list}>{views.filter((view) => !view.saved).map(renderView)}</ul>
      {saved.length > 0 && (
        <>
          <h3 className={`${classes.heading} ${classes.savedHeading}`}>{text.saved}</h3>
          <ul className={classes.list}>{saved.map(renderView)}</ul>
        </>
      )}
    </nav>
  );
}
