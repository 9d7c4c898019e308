/** What somebody wrote: line breaks as typed, addresses as links, nothing else interpreted. */
import { useMemo } from 'react';
import classes from './message.module.css';
import { splitLinks } from './split-links';

export function MessageText({ children }: { children: string }) {
  const parts = useMemo(() => splitLinks(children), [children]);
  let offset = 0;
  return (
    <div className={classes.text} dir="auto">
      {parts.map((part) => {
        const key = offset;
        offset += part.text.length;
        if (part.kind === 'text') return part.text;
        return (
          <a key={key} href={part.text} target="_blank" rel="noopener noreferrer nofollow">
            {part.text}
          </a>
        );
      })}
    </div>
  );
}
