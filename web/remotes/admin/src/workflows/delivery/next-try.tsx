/** When a delivery that waits is tried again, or why it is not. */
import { defineMessages, RelativeTime, type RelativeTimeProps, useMessages } from '@flowbit/ui';

const words = defineMessages({
  en: { due: 'Now', isOff: 'Endpoint is off' },
  de: { due: 'Jetzt', isOff: 'Endpunkt ist aus' },
});

export interface NextTryProps {
  /** Null where no try is to come. */
  at: string | null;
  /** Nothing is sent to its endpoint. */
  isOff: boolean;
  style?: RelativeTimeProps['style'];
}

export function NextTry({ at, isOff, style = 'narrow' }: NextTryProps) {
  const text = useMessages(words);
  if (at === null) return null;
  if (isOff) return text.isOff;
  // The sender is about to take it: that it was due a moment ago says nothing.
  if (Date.parse(at) <= Date.now()) return text.due;
  return <RelativeTime at={at} style={style} />;
}
