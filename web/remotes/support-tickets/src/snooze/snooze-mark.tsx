/** In a row of the list: that the ticket is snoozed, and briefly until when. */
import type { Snooze } from '@flowbit/api';
import { AppIcon, useFormats, VisuallyHidden } from '@flowbit/ui';
import classes from './snooze-mark.module.css';
import { useSnoozedUntil } from './snooze-words';

export function SnoozeMark({ snooze }: { snooze: Snooze }) {
  const formats = useFormats();
  const said = useSnoozedUntil()(snooze);
  return (
    <span className={classes.root} title={said}>
      <AppIcon name="snooze" size={14} />
      {snooze.until !== null && <span aria-hidden>{formats.moment(new Date(snooze.until), Date.now())}</span>}
      <VisuallyHidden>{said}</VisuallyHidden>
    </span>
  );
}
