/** Putting the open ticket aside and waking it: by menu, key and palette, with the way to undo it. */
import { queryKeys, type Snooze, type Ticket } from '@flowbit/api';
import { useCommands, useScreen } from '@flowbit/contract';
import { defineMessages, useFormats, useHotkeys, useMessages } from '@flowbit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { isLive } from '../model/ticket-filter';
import { useChangeTicket } from '../model/use-change-ticket';
import { snoozeTimes } from './snooze-times';
import { snoozeWords } from './snooze-words';

const words = defineMessages({
  en: {
    set: 'Snooze ticket',
    untilReply: 'Snooze until they reply',
    untilTomorrow: 'Snooze until tomorrow morning',
    snoozed: (number: number, when: string) => `#${number} is snoozed until ${when}`,
    snoozedToReply: (number: number) => `#${number} is snoozed until they reply`,
    woken: (number: number) => `#${number} is awake again`,
    undo: 'Undo',
  },
  de: {
    set: 'Ticket zurückstellen',
    untilReply: 'Bis zur Antwort zurückstellen',
    untilTomorrow: 'Bis morgen früh zurückstellen',
    snoozed: (number: number, when: string) => `#${number} ist zurückgestellt bis ${when}`,
    snoozedToReply: (number: number) => `#${number} ist bis zur Antwort zurückgestellt`,
    woken: (number: number) => `#${number} liegt wieder vor`,
    undo: 'Rückgängig',
  },
});

/** By what else the palette finds it, in both languages. */
const KEYWORDS = ['later', 'remind', 'put aside', 'Wiedervorlage', 'später', 'erinnern'];

export interface TicketSnooze {
  /** Whether this person may put this ticket aside. */
  isPossible: boolean;
  /** Whether the menu is open. */
  isOpen: boolean;
  setOpen(isOpen: boolean): void;
  /** Null: until the requester replies. */
  snooze(until: Date | null): void;
  wake(): void;
}

/** `group`: the heading of its key in the overview of keys. */
export function useSnooze(ticket: Ticket, group: string): TicketSnooze {
  const text = useMessages(words);
  const { wake: wakeLabel } = useMessages(snoozeWords);
  const formats = useFormats();
  const { can, toast } = useScreen();
  const changeTicket = useChangeTicket();
  const queryClient = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const isPossible = can('agent', 'admin') && isLive(ticket.status);
  const isSnoozed = ticket.snooze !== null;

  const set = useCallback(
    async function set(on: Ticket, snooze: Snooze | null, isUndo = false): Promise<void> {
      const { id, number, snooze: before } = on;
      if (!(await changeTicket(on, { snooze }))) return;
      const until = snooze?.until ?? null;
      toast({
        kind: 'success',
        title:
          snooze === null
            ? text.woken(number)
            : until === null
              ? text.snoozedToReply(number)
              : text.snoozed(number, formats.moment(new Date(until), Date.now())),
        key: `snooze:${id}`,
        ...(isUndo
          ? {}
          : {
              action: {
                label: text.undo,
                run: () => {
                  // What others have changed meanwhile stays.
                  const now = queryClient.getQueryData<Ticket>(queryKeys.tickets.detail(id)) ?? on;
                  void set(now, before, true);
                },
              },
            }),
      });
    },
    [changeTicket, toast, text, formats, queryClient],
  );
  const snooze = useCallback(
    (until: Date | null) =>
      void set(ticket, { since: new Date().toISOString(), until: until?.toISOString() ?? null }),
    [set, ticket],
  );
  const wake = useCallback(() => void set(ticket, null), [set, ticket]);

  useHotkeys(isPossible ? [{ keys: 'z', label: text.set, group, run: () => setOpen(true) }] : []);
  useCommands(
    useMemo(() => {
      if (!isPossible) return [];
      const untilTomorrow = () => {
        const tomorrow = snoozeTimes(new Date()).find(({ name }) => name === 'tomorrow');
        if (tomorrow) snooze(tomorrow.at);
      };
      const common = { icon: 'snooze', keywords: KEYWORDS };
      return [
        { id: 'snooze', label: text.set, ...common, keys: 'z', run: () => setOpen(true) },
        { id: 'snooze:tomorrow', label: text.untilTomorrow, ...common, run: untilTomorrow },
        { id: 'snooze:reply', label: text.untilReply, ...common, run: () => snooze(null) },
        ...(isSnoozed ? [{ id: 'wake', label: wakeLabel, ...common, icon: 'alarm', run: wake }] : []),
      ];
    }, [isPossible, isSnoozed, text, wakeLabel, snooze, wake]),
  );

  return { isPossible, isOpen, setOpen, snooze, wake };
}
