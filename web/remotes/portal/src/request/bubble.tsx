/** What somebody wrote: as they have formatted it, or line breaks as typed, addresses as links, nothing else interpreted. */
import type { Attachment, Message } from '@flowbit/api';
import { AttachmentList } from '@flowbit/attachments';
import { RichText } from '@flowbit/rich';
import { AppIcon, defineMessages, RelativeTime, splitLinks, useMessages } from '@flowbit/ui';
import { useMemo } from 'react';
import classes from './bubble.module.css';

const words = defineMessages({
  en: { you: 'You', workflow: 'Automatic answer' },
  de: { you: 'Sie', workflow: 'Automatische Antwort' },
});

function LinkedText({ text }: { text: string }) {
  const parts = useMemo(() => splitLinks(text), [text]);
  let offset = 0;
  return parts.map((part) => {
    const key = offset;
    offset += part.text.length;
    if (part.kind === 'text') return part.text;
    return (
      <a key={key} href={part.text} target="_blank" rel="noopener noreferrer nofollow">
        {part.text}
      </a>
    );
  });
}

export interface BubbleProps {
  author: Message['author'];
  isOwn: boolean;
  at: string;
  /** Stands for a text that is not there. */
  isFaint?: boolean;
  children: string;
  /** The same with its formatting, if it has any. */
  html?: string | null;
  /** Files that came with it. */
  files: readonly Attachment[];
}

export function Bubble({ author, isOwn, at, isFaint, children, html, files }: BubbleProps) {
  const text = useMessages(words);
  const plain = (
    <div className={classes.text} data-faint={isFaint || undefined} dir="auto">
      <LinkedText text={children} />
    </div>
  );
  return (
    <article className={classes.root} data-own={isOwn || undefined}>
      <header className={classes.head}>
        <strong className={classes.author}>{isOwn ? text.you : author.name}</strong>
        {author.kind === 'workflow' && (
          <span className={classes.workflow}>
            <AppIcon name="bolt" size={12} />
            {text.workflow}
          </span>
        )}
        <RelativeTime at={at} className={classes.time} />
      </header>
      <div className={classes.bubble}>
        {html ? (
          <RichText html={html} renderText={(said, isLink) => (isLink ? said : <LinkedText text={said} />)}>
            {plain}
          </RichText>
        ) : (
          plain
        )}
        <AttachmentList attachments={files} />
      </div>
    </article>
  );
}
