/** What can be done with several tickets at once. */
import type { Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { ActionIcon, AppIcon, Button, defineMessages, useMessages } from '@flowbit/ui';
import { useState } from 'react';
import {
  NOBODY,
  useAssigneeOptions,
  usePriorityOptions,
  useStatusOptions,
  useTagOptions,
  useTeamOptions,
} from '../fields/options';
import { Picker, type PickerOption } from '../fields/picker';
import { fieldWords } from '../fields/words';
import { useAssignees, useTeams } from '../model/queries';
import { PRIORITIES, STATUSES } from '../model/ticket-filter';
import { SnoozeMenu } from '../snooze/snooze-menu';
import { snoozeWords } from '../snooze/snooze-words';
import classes from './bulk-bar.module.css';
import { useBulk } from './use-bulk';

const words = defineMessages({
  en: {
    bar: 'Selected tickets',
    count: (count: number) => `${count} selected`,
    clear: 'Clear selection',
    progress: (done: number, all: number) => `${done} of ${all} done`,
    remove: 'Delete',
  },
  de: {
    bar: 'Ausgewählte Tickets',
    count: (count: number) => `${count} ausgewählt`,
    clear: 'Auswahl aufheben',
    progress: (done: number, all: number) => `${done} von ${all} erledigt`,
    remove: 'Löschen',
  },
});

type Field = 'status' | 'assignee' | 'team' | 'priority' | 'tags';

/** From so many tickets on it is shown how far it is. */
const PROGRESS_FROM = 50;

export interface BulkBarProps {
  tickets: readonly Ticket[];
  knownTags: readonly string[];
  onClear(): void;
}

export function BulkBar({ tickets, knownTags, onClear }: BulkBarProps) {
  const text = useMessages(words);
  const fields = useMessages(fieldWords);
  const { snooze } = useMessages(snoozeWords);
  const { can } = useScreen();
  const bulk = useBulk();
  const assignees = useAssignees().data;
  const teams = useTeams().data;
  const [open, setOpen] = useState<Field | 'snooze' | null>(null);
  const shared = (knownTags ?? []).filter((tag) => tickets.every(({ tags }) => tags.includes(tag)));
  const statuses = useStatusOptions([]);
  const priorities = usePriorityOptions(null);
  const people = useAssigneeOptions(assignees, null);
  const groups = useTeamOptions(teams, null);
  const tags = useTagOptions(knownTags, shared);
  const isBusy = bulk.progress !== null;

  function pick(field: Field, value: string) {
    if (field === 'status') {
      const status = STATUSES.find((one) => one === value);
      if (status) void bulk.change(tickets, { status });
    } else if (field === 'priority') {
      const priority = PRIORITIES.find((one) => one === value);
      if (priority) void bulk.change(tickets, { priority });
    } else if (field === 'tags') {
      void bulk.change(tickets, shared.includes(value) ? { removeTags: [value] } : { addTags: [value] });
    } else if (field === 'team') {
      void bulk.change(tickets, { teamId: value === NOBODY ? null : value });
    } else if (value === NOBODY) {
      void bulk.change(tickets, { assigneeId: null });
    } else if (assignees?.some(({ id }) => id === value)) {
      void bulk.change(tickets, { assigneeId: value });
    }
  }

  const choices: [Field, PickerOption[]][] = [
    ['status', statuses],
    ['assignee', people],
    ...(teams && teams.length > 0 ? [['team', groups] satisfies [Field, PickerOption[]]] : []),
    ['priority', priorities],
    ['tags', tags],
  ];
  return (
    <section className={classes.root} aria-label={text.bar} aria-busy={isBusy}>
      <span className={classes.count} role="status">
        {text.count(tickets.length)}
      </span>
      {bulk.progress !== null && bulk.progress.all > PROGRESS_FROM && (
        <progress
          className={classes.progress}
          max={bulk.progress.all}
          value={bulk.progress.done}
          aria-label={text.progress(bulk.progress.done, bulk.progress.all)}
        />
      )}
      {choices.map(([field, options]) => (
        <Picker
          key={field}
          label={fields[field]}
          options={options}
          position="top-start"
          isOpen={open === field}
          onOpenChange={(isOpen) => setOpen(isOpen ? field : null)}
          onPick={(value) => pick(field, value)}
          {...(field === 'tags' ? { onCreate: (tag: string) => pick('tags', tag) } : {})}
          target={
            <Button
              size="compact-sm"
              variant="default"
              disabled={isBusy}
              onClick={() => setOpen(open === field ? null : field)}
            >
              {fields[field]}
            </Button>
          }
        />
      ))}
      <SnoozeMenu
        isSnoozed={tickets.some((ticket) => ticket.snooze !== null)}
        position="top-start"
        isOpen={open === 'snooze'}
        onOpenChange={(isOpen) => setOpen(isOpen ? 'snooze' : null)}
        onSnooze={(until) => void bulk.snooze(tickets, { until: until?.toISOString() ?? null })}
        onWake={() => void bulk.snooze(tickets, null)}
        target={
          <Button
            size="compact-sm"
            variant="default"
            disabled={isBusy}
            onClick={() => setOpen(open === 'snooze' ? null : 'snooze')}
          >
            {snooze}
          </Button>
        }
      />
      {can('admin') && (
        <Button
          size="compact-sm"
          variant="default"
          disabled={isBusy}
          onClick={() => void bulk.remove(tickets, onClear)}
        >
          {text.remove}
        </Button>
      )}
      <ActionIcon size={24} aria-label={text.clear} onClick={onClear}>
        <AppIcon name="x" />
      </ActionIcon>
    </section>
  );
}
