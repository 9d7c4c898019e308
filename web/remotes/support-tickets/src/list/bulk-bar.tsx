/** What can be done with several tickets at once. */
import type { Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { ActionIcon, AppIcon, Button, defineMessages, useMessages } from '@flowbit/ui';
import { useState } from 'react';
import { NOBODY, useAssigneeOptions, usePriorityOptions, useStatusOptions } from '../fields/options';
import { Picker, type PickerOption } from '../fields/picker';
import { fieldWords } from '../fields/words';
import type { TicketPatch } from '../model/pending-changes';
import { useAssignees } from '../model/queries';
import { PRIORITIES, STATUSES } from '../model/ticket-filter';
import { useChangeTicket } from '../model/use-change-ticket';
import classes from './bulk-bar.module.css';

const words = defineMessages({
  en: {
    bar: 'Selected tickets',
    count: (count: number) => `${count} selected`,
    clear: 'Clear selection',
    done: (count: number) => (count === 1 ? '1 ticket changed' : `${count} tickets changed`),
    partly: (done: number, all: number) => `${done} of ${all} tickets changed`,
  },
  de: {
    bar: 'Ausgewählte Tickets',
    count: (count: number) => `${count} ausgewählt`,
    clear: 'Auswahl aufheben',
    done: (count: number) => (count === 1 ? '1 Ticket geändert' : `${count} Tickets geändert`),
    partly: (done: number, all: number) => `${done} von ${all} Tickets geändert`,
  },
});

type Field = 'status' | 'assignee' | 'priority';

export interface BulkBarProps {
  tickets: readonly Ticket[];
  onClear(): void;
}

export function BulkBar({ tickets, onClear }: BulkBarProps) {
  const text = useMessages(words);
  const fields = useMessages(fieldWords);
  const { toast } = useScreen();
  const changeTicket = useChangeTicket();
  const assignees = useAssignees().data;
  const [open, setOpen] = useState<Field | null>(null);
  const statuses = useStatusOptions([]);
  const priorities = usePriorityOptions(null);
  const people = useAssigneeOptions(assignees, null);

  async function change(patch: TicketPatch) {
    const results = await Promise.all(tickets.map((ticket) => changeTicket(ticket, patch)));
    const done = results.filter(Boolean).length;
    if (done === tickets.length) toast({ kind: 'success', title: text.done(done), key: 'bulk' });
    else if (done > 0) toast({ kind: 'warning', title: text.partly(done, tickets.length), key: 'bulk' });
  }

  function pick(field: Field, value: string) {
    if (field === 'status') {
      const status = STATUSES.find((one) => one === value);
      if (status) void change({ status });
    } else if (field === 'priority') {
      const priority = PRIORITIES.find((one) => one === value);
      if (priority) void change({ priority });
    } else {
      const person = assignees?.find(({ id }) => id === value);
      if (person) void change({ assignee: { id: person.id, name: person.name } });
      else if (value === NOBODY) void change({ assignee: null });
    }
  }

  const choices: [Field, PickerOption[]][] = [
    ['status', statuses],
    ['assignee', people],
    ['priority', priorities],
  ];
  return (
    <section className={classes.root} aria-label={text.bar}>
      <span className={classes.count} role="status">
        {text.count(tickets.length)}
      </span>
      {choices.map(([field, options]) => (
        <Picker
          key={field}
          label={fields[field]}
          options={options}
          position="top-start"
          isOpen={open === field}
          onOpenChange={(isOpen) => setOpen(isOpen ? field : null)}
          onPick={(value) => pick(field, value)}
          target={
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => setOpen(open === field ? null : field)}
            >
              {fields[field]}
            </Button>
          }
        />
      ))}
      <ActionIcon size={24} aria-label={text.clear} onClick={onClear}>
        <AppIcon name="x" />
      </ActionIcon>
    </section>
  );
}
