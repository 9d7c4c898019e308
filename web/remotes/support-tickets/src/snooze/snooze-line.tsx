/** Under a ticket's head: that it is snoozed, until when, and the way back. */
import type { Snooze } from '@flowbit/api';
import { AppIcon, Button, defineMessages, useFormats, useMessages } from '@flowbit/ui';
import classes from './snooze-line.module.css';
import { snoozeWords, useSnoozedUntil } from './snooze-words';

const words = defineMessages({ en: { saving: 'Saving…' }, de: { saving: 'Wird gespeichert …' } });

export interface SnoozeLineProps {
  snooze: Snooze;
  isUnsaved: boolean;
  onWake(): void;
}

export function SnoozeLine({ snooze, isUnsaved, onWake }: SnoozeLineProps) {
  const text = useMessages(words);
  const { snooze: name, wake } = useMessages(snoozeWords);
  const saidUntil = useSnoozedUntil();
  const formats = useFormats();
  const { until } = snooze;
  return (
    <section className={classes.root} aria-label={name}>
      <AppIcon name="snooze" className={classes.icon} />
      <span className={classes.words} data-unsaved={isUnsaved || undefined}>
        {until === null ? (
          saidUntil(snooze)
        ) : (
          <time dateTime={until} title={formats.exact(new Date(until))}>
            {saidUntil(snooze)}
          </time>
        )}
      </span>
      {isUnsaved && (
        <span className={classes.saving} role="status">
          {text.saving}
        </span>
      )}
      <Button size="compact-sm" variant="default" onClick={onWake}>
        {wake}
      </Button>
    </section>
  );
}
