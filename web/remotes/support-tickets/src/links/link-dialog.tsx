/** Choosing a ticket to link with; with its key and its commands, there wherever tickets can be linked. */
import type { Ticket } from '@flowbit/api';
import { useCommands } from '@flowbit/contract';
import { defineMessages, Modal, useHotkeys, useMessages } from '@flowbit/ui';
import { useMemo } from 'react';
import { TicketCombobox } from '../fields/ticket-combobox';
import { useChangeLink, useLinks } from '../model/links';

export const linkWords = defineMessages({
  en: { link: 'Link a ticket', unlink: (number: number) => `Unlink #${number}` },
  de: { link: 'Ticket verknüpfen', unlink: (number: number) => `Verknüpfung mit #${number} aufheben` },
});

const words = defineMessages({
  en: {
    group: 'Ticket',
    title: (number: number) => `Link a ticket with #${number}`,
    other: 'The other ticket',
    none: 'There is no other ticket.',
    cancel: 'Cancel',
  },
  de: {
    group: 'Ticket',
    title: (number: number) => `Ein Ticket mit #${number} verknüpfen`,
    other: 'Das andere Ticket',
    none: 'Es gibt kein anderes Ticket.',
    cancel: 'Abbrechen',
  },
});

const KEY = 'L';
/** By what else the palette finds it, in both languages. */
const KEYWORDS = ['related', 'connect', 'verbinden', 'zusammenhang'];

export interface LinkDialogProps {
  ticket: Ticket;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
}

export function LinkDialog({ ticket, isOpen, onOpenChange }: LinkDialogProps) {
  const text = useMessages(words);
  const naming = useMessages(linkWords);
  const links = useLinks(ticket.id).data?.items;
  const { mutate: changeLink } = useChangeLink(ticket.id);
  const open = useMemo(() => () => onOpenChange(true), [onOpenChange]);
  useHotkeys([{ keys: KEY, label: naming.link, group: text.group, run: open }]);
  useCommands(
    useMemo(
      () => [
        { id: 'link', label: `${naming.link} …`, icon: 'link', keywords: KEYWORDS, keys: KEY, run: open },
        ...(links ?? []).map((link) => ({
          id: `unlink:${link.ticket.id}`,
          label: naming.unlink(link.ticket.number),
          icon: 'unlink',
          keywords: [link.ticket.title],
          run: () => changeLink({ link, isLinked: false }),
        })),
      ],
      [naming, open, links, changeLink],
    ),
  );
  const linked = new Set(links?.map((link) => link.ticket.id));

  return (
    <Modal
      opened={isOpen}
      onClose={() => onOpenChange(false)}
      title={text.title(ticket.number)}
      size="lg"
      closeButtonProps={{ 'aria-label': text.cancel }}
    >
      {isOpen && (
        <TicketCombobox
          label={text.other}
          // What was merged is the other ticket's, which can be linked itself.
          accepts={({ id, mergedInto }) => id !== ticket.id && mergedInto === null && !linked.has(id)}
          none={text.none}
          onPick={({ id, number, title, status }) => {
            onOpenChange(false);
            const link = { ticket: { id, number, title, status }, linkedAt: new Date().toISOString() };
            changeLink({ link, isLinked: true });
          }}
        />
      )}
    </Modal>
  );
}
