/** A short value in fixed-width letters that can be taken along: an id, a hash. */
import { ActionIcon, AppIcon, CopyButton, defineMessages, useMessages, VisuallyHidden } from '@flowbit/ui';
import classes from './copy-text.module.css';

const words = defineMessages({
  en: { copy: 'Copy', copied: 'Copied' },
  de: { copy: 'Kopieren', copied: 'Kopiert' },
});

export interface CopyTextProps {
  value: string;
  /** What it is, for the button's name. */
  label: string;
  /** Letters shown from each end of a long value. */
  ends?: number;
  /** In the letters of the text around it, for what people read rather than compare. */
  isPlain?: boolean;
}

/** `1f3a9c…77b2e0`; the whole when it is hardly longer. */
export function shorten(value: string, ends: number): string {
  return value.length <= ends * 2 + 3 ? value : `${value.slice(0, ends)}…${value.slice(-ends)}`;
}

export function CopyText({ value, label, ends, isPlain = false }: CopyTextProps) {
  const text = useMessages(words);
  return (
    <CopyButton value={value} timeout={2000}>
      {({ copied, copy }) => (
        <span className={classes.root}>
          <code className={isPlain ? classes.plain : classes.value} title={value}>
            {ends === undefined ? value : shorten(value, ends)}
          </code>
          <ActionIcon size={20} onClick={copy} aria-label={`${text.copy}: ${label}`} title={text.copy}>
            <AppIcon name={copied ? 'check' : 'copy'} size={14} />
          </ActionIcon>
          <VisuallyHidden role="status">{copied ? text.copied : ''}</VisuallyHidden>
        </span>
      )}
    </CopyButton>
  );
}
