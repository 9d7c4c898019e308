/** A time as people say it, with the exact one on hover and for assistive technology. */
import { VisuallyHidden } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { subscribeToClock } from '../hooks/clock';
import { type TimeStyle, useFormats } from '../i18n/format';

export interface RelativeTimeProps {
  /** RFC 3339 or a Date. */
  at: string | Date;
  style?: TimeStyle;
  className?: string | undefined;
}

export function RelativeTime({ at, style = 'narrow', className }: RelativeTimeProps) {
  const formats = useFormats();
  const date = typeof at === 'string' ? new Date(at) : at;
  // The text is the snapshot: a tick of the clock renders only the times whose words change.
  const text = useSyncExternalStore(subscribeToClock, () => formats.relative(date, Date.now(), style));
  const exact = formats.exact(date);
  return (
    <time dateTime={date.toISOString()} title={exact} className={className}>
      <span aria-hidden>{text}</span>
      <VisuallyHidden>{exact}</VisuallyHidden>
    </time>
  );
}
