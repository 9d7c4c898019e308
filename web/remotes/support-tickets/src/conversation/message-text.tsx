/** What somebody wrote: line breaks as typed, addresses as links, names of those it is for marked, nothing else interpreted. */
import type { PersonRef } from '@flowbit/api';
import { splitLinks } from '@flowbit/ui';
import { Fragment, useMemo } from 'react';
import { splitNames } from '../model/mentions';
import classes from './message.module.css';

const NOBODY: readonly PersonRef[] = [];

function Names({ text, people }: { text: string; people: readonly PersonRef[] }) {
  if (people.length === 0) return text;
  let offset = 0;
  return splitNames(text, people).map((part) => {
    const key = offset;
    offset += part.text.length;
    if (part.kind === 'text') return <Fragment key={key}>{part.text}</Fragment>;
    return (
      <mark key={key} className={classes.mention}>
        {part.text}
      </mark>
    );
  });
}

export interface MessageTextProps {
  children: string;
  /** Whom it names. */
  mentions?: readonly PersonRef[] | undefined;
}

export function MessageText({ children, mentions = NOBODY }: MessageTextProps) {
  const parts = useMemo(() => splitLinks(children), [children]);
  let offset = 0;
  return (
    <div className={classes.text} dir="auto">
      {parts.map((part) => {
        const key = offset;
        offset += part.text.length;
        if (part.kind === 'text') return <Names key={key} text={part.text} people={mentions} />;
        return (
          <a key={key} href={part.text} target="_blank" rel="noopener noreferrer nofollow">
            {part.text}
          </a>
        );
      })}
    </div>
  );
}
