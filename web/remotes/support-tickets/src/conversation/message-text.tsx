/** What somebody wrote: as they have formatted it, or line breaks as typed, addresses as links, names of those it is for marked, nothing else interpreted. */
import type { PersonRef } from '@flowbit/api';
import { RichText } from '@flowbit/rich';
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

/** Addresses as links, and names marked. */
function Words({ text, people }: { text: string; people: readonly PersonRef[] }) {
  const parts = useMemo(() => splitLinks(text), [text]);
  let offset = 0;
  return parts.map((part) => {
    const key = offset;
    offset += part.text.length;
    if (part.kind === 'text') return <Names key={key} text={part.text} people={people} />;
    return (
      <a key={key} href={part.text} target="_blank" rel="noopener noreferrer nofollow">
        {part.text}
      </a>
    );
  });
}

export interface MessageTextProps {
  children: string;
  /** The same with its formatting, if it has any. */
  html?: string | null | undefined;
  /** Whom it names. */
  mentions?: readonly PersonRef[] | undefined;
}

export function MessageText({ children, html, mentions = NOBODY }: MessageTextProps) {
  const plain = (
    <div className={classes.text} dir="auto">
      <Words text={children} people={mentions} />
    </div>
  );
  if (!html) return plain;
  return (
    <RichText
      html={html}
      renderText={(text, isLink) =>
        isLink ? <Names text={text} people={mentions} /> : <Words text={text} people={mentions} />
      }
    >
      {plain}
    </RichText>
  );
}
