/** What snoozing is called, alike wherever it stands, and until when a ticket is snoozed. */
import type { Snooze } from '@flowbit/api';
import { defineMessages, useFormats, useMessages } from '@flowbit/ui';

export const snoozeWords = defineMessages({
  en: {
    snooze: 'Snooze',
    wake: 'Wake now',
    untilTime: (when: string) => `Snoozed until ${when}`,
    untilReply: 'Snoozed until they reply',
  },
  de: {
    snooze: 'Zurückstellen',
    wake: 'Jetzt wieder vorlegen',
    untilTime: (when: string) => `Zurückgestellt bis ${when}`,
    untilReply: 'Zurückgestellt bis zur Antwort',
  },
});

/** `Snoozed until Mon 09:00` */
export function useSnoozedUntil(): (snooze: Snooze) => string {
  const text = useMessages(snoozeWords);
  const formats = useFormats();
  return ({ until }) =>
    until === null ? text.untilReply : text.untilTime(formats.moment(new Date(until), Date.now()));
}
