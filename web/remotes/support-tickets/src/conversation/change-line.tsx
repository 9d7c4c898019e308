/** What somebody did to the ticket, as one quiet line between the messages. */
import { useScreen } from '@flowbit/contract';
import { defineMessages, RelativeTime, useMessages } from '@flowbit/ui';
import type { ReactNode } from 'react';
import { useDescribeChanges } from '../fields/describe-change';
import { wantTitleFocus } from '../model/title-focus';
import classes from './change-line.module.css';
import type { ChangeActor, FieldChange, Split } from './timeline';

const words = defineMessages({
  en: {
    into: (number: number) => `split a message off as #${number}`,
    from: (number: number) => `split this off from #${number}`,
  },
  de: {
    into: (number: number) => `hat eine Nachricht als #${number} abgetrennt`,
    from: (number: number) => `hat dies von #${number} abgetrennt`,
  },
});

interface LineProps {
  actor: ChangeActor;
  at: string;
}

function Line({ actor, at, children }: LineProps & { children: ReactNode }) {
  return (
    <p className={classes.root}>
      <span className={classes.dot} aria-hidden />
      <span className={classes.words}>
        <span className={classes.actor}>{actor.name}</span> {children}
      </span>
      <RelativeTime at={at} className={classes.time} />
    </p>
  );
}

export function ChangeLine({ changes, ...line }: LineProps & { changes: readonly FieldChange[] }) {
  const describe = useDescribeChanges();
  return <Line {...line}>{describe(changes, line.actor)}</Line>;
}

export function SplitLine({ split, ...line }: LineProps & { split: Split }) {
  const text = useMessages(words);
  const { href, search } = useScreen();
  const filter = search.size > 0 ? `?${search}` : '';
  return (
    <Line {...line}>
      <a
        className={classes.link}
        href={href(`/${split.id}${filter}`)}
        onClick={() => wantTitleFocus(split.id)}
      >
        {text[split.way](split.number)}
      </a>
    </Line>
  );
}
