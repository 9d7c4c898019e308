/** Who hears what happens to the ticket, and the button that makes one of them. */
import { useScreen } from '@flowbit/contract';
import { AppIcon, Button, defineMessages, KeyHint, Skeleton, useMessages } from '@flowbit/ui';
import { Initials } from '../fields/initials';
import { useWatch, useWatchers } from '../model/watchers';
import classes from './side-panel.module.css';

export const watchWords = defineMessages({
  en: {
    watchers: 'Watchers',
    watch: 'Watch',
    unwatch: 'Stop watching',
    none: 'Nobody watches this ticket.',
    failed: 'The watchers could not be loaded.',
  },
  de: {
    watchers: 'Beobachter',
    watch: 'Beobachten',
    unwatch: 'Nicht mehr beobachten',
    none: 'Niemand beobachtet dieses Ticket.',
    failed: 'Die Beobachter konnten nicht geladen werden.',
  },
});

export function WatchersSection({ ticketId }: { ticketId: string }) {
  const text = useMessages(watchWords);
  const { user } = useScreen();
  const watchers = useWatchers(ticketId);
  const watch = useWatch(ticketId);
  const items = watchers.data?.items;
  const isWatching = items?.some(({ id }) => id === user.id) ?? false;

  function renderList() {
    if (watchers.isPending) return <Skeleton height={10} width="60%" radius={3} my={9} />;
    if (items === undefined) return <p className={classes.muted}>{text.failed}</p>;
    if (items.length === 0) return <p className={classes.muted}>{text.none}</p>;
    return (
      <ul className={classes.people}>
        {items.map(({ id, name }) => (
          <li key={id}>
            <Initials name={name} />
            {name}
          </li>
        ))}
      </ul>
    );
  }

  return (
    <section className={classes.section} aria-label={text.watchers}>
      <h2 className={classes.heading}>{text.watchers}</h2>
      {renderList()}
      <div className={classes.buttons}>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<AppIcon name={isWatching ? 'eye-off' : 'eye'} size={14} />}
          rightSection={<KeyHint keys="w" />}
          disabled={items === undefined}
          onClick={() => watch.mutate(!isWatching)}
        >
          {isWatching ? text.unwatch : text.watch}
        </Button>
      </div>
    </section>
  );
}
