/** Text as it went over the wire, JSON set out in lines. */
import { ActionIcon, AppIcon, CopyButton, defineMessages, useMessages, VisuallyHidden } from '@flowbit/ui';
import classes from './code-block.module.css';

const words = defineMessages({
  en: { copy: 'Copy', copied: 'Copied' },
  de: { copy: 'Kopieren', copied: 'Kopiert' },
});

/** Sets JSON out in lines; anything else stays as it is. */
export function layOut(source: string): string {
  try {
    return JSON.stringify(JSON.parse(source), null, 2);
  } catch {
    return source;
  }
}

export function CodeBlock({ label, source }: { label: string; source: string }) {
  const text = useMessages(words);
  const shown = layOut(source);
  return (
    <CopyButton value={shown} timeout={2000}>
      {({ copied, copy }) => (
        <div className={classes.root}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <section className={classes.scroll} tabIndex={0} aria-label={label}>
            <pre className={classes.code}>{shown}</pre>
          </section>
          <ActionIcon
            className={classes.copy}
            size={24}
            onClick={copy}
            aria-label={`${text.copy}: ${label}`}
            title={text.copy}
          >
            <AppIcon name={copied ? 'check' : 'copy'} size={14} />
          </ActionIcon>
          <VisuallyHidden role="status">{copied ? text.copied : ''}</VisuallyHidden>
        </div>
      )}
    </CopyButton>
  );
}
