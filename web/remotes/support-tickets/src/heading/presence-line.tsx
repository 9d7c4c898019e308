/** Who else has the ticket before them, and who writes. */
import type { Present } from '@flowbit/api';
import { AppIcon, defineMessages, useMessages } from '@flowbit/ui';
import { useAssignees } from '../model/queries';
import classes from './presence-line.module.css';

const words = defineMessages({
  en: {
    colleague: 'A colleague',
    writes: (names: readonly string[]) =>
      names.length === 1 ? `${names[0]} is writing` : `${joined(names, 'and')} are writing`,
    looks: (names: readonly string[]) =>
      names.length === 1 ? `${names[0]} is here too` : `${joined(names, 'and')} are here too`,
  },
  de: {
    colleague: 'Jemand aus dem Team',
    writes: (names: readonly string[]) =>
      names.length === 1 ? `${names[0]} schreibt gerade` : `${joined(names, 'und')} schreiben gerade`,
    looks: (names: readonly string[]) =>
      names.length === 1 ? `${names[0]} ist auch hier` : `${joined(names, 'und')} sind auch hier`,
  },
});

/** `Anna, Ben and Cleo`. */
function joined(names: readonly string[], and: string): string {
  return `${names.slice(0, -1).join(', ')} ${and} ${names.at(-1)}`;
}

export function PresenceLine({ people }: { people: readonly Present[] }) {
  const text = useMessages(words);
  const names = new Map(useAssignees().data?.map(({ id, name }) => [id, name]));
  const of = (activity: Present['activity']) =>
    people
      .filter((one) => one.activity === activity)
      // Somebody who came to the company since the names were read.
      .map(({ userId }) => names.get(userId) ?? text.colleague);
  const [writing, viewing] = [of('writing'), of('viewing')];
  return (
    // Always there, so that what appears in it is read out.
    <div className={classes.root} role="status">
      {writing.length > 0 && (
        <span className={classes.writing}>
          <AppIcon name="edit" size={14} />
          <span className={classes.names}>{text.writes(writing)}</span>
        </span>
      )}
      {viewing.length > 0 && (
        <span className={classes.viewing}>
          <AppIcon name="eye" size={14} />
          <span className={classes.names}>{text.looks(viewing)}</span>
        </span>
      )}
    </div>
  );
}
