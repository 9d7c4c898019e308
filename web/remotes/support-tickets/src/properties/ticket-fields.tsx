/** Status, assignee, priority and tags: as rows at the side, or as a line under the title. */
import type { Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  defineMessages,
  PriorityBars,
  StatusBadge,
  UnstyledButton,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import type { ReactNode } from 'react';
import { Initials } from '../fields/initials';
import {
  NOBODY,
  useAssigneeOptions,
  usePriorityOptions,
  useStatusOptions,
  useTagOptions,
  useTeamOptions,
} from '../fields/options';
import { Picker, type PickerOption } from '../fields/picker';
import { TagPill } from '../fields/tag-pill';
import { fieldWords } from '../fields/words';
import type { TicketPatch } from '../model/pending-changes';
import { useAssignees, useTeams } from '../model/queries';
import { PRIORITIES, STATUSES } from '../model/ticket-filter';
import { useChangeTicket, useUnsavedFields } from '../model/use-change-ticket';
import classes from './ticket-fields.module.css';

const words = defineMessages({ en: { saving: 'Saving…' }, de: { saving: 'Wird gespeichert …' } });

export type FieldName = 'status' | 'assignee' | 'team' | 'priority' | 'tags';

export interface TicketFieldsProps {
  ticket: Ticket;
  /** Tags that are used elsewhere, to choose from. */
  knownTags: readonly string[];
  layout: 'rows' | 'line';
  openField: FieldName | null;
  onOpenField(field: FieldName | null): void;
}

interface FieldProps {
  name: FieldName;
  content: ReactNode;
  options: readonly PickerOption[];
  onPick(value: string): void;
  onCreate?: (text: string) => void;
}

/** Tags as the server keeps them. */
function normalizeTag(tag: string): string {
  return tag.trim().toLowerCase().slice(0, 40);
}

export function TicketFields(props: TicketFieldsProps) {
  const { ticket, knownTags, layout, openField, onOpenField } = props;
  const text = useMessages(words);
  const fields = useMessages(fieldWords);
  const { can } = useScreen();
  const changeTicket = useChangeTicket();
  const unsaved = useUnsavedFields(ticket.id);
  const assignees = useAssignees().data;
  const teams = useTeams().data;
  const isStaff = can('agent', 'admin');
  const { assignee, team, tags } = ticket;
  // What was merged belongs to the other ticket.
  const canChange = isStaff && ticket.mergedInto === null;

  const change = (patch: TicketPatch) => void changeTicket(ticket, patch);

  function renderField({ name, content, options, onPick, onCreate }: FieldProps) {
    const isOpen = openField === name;
    const isUnsaved = unsaved.has(name);
    const shown = (
      <>
        {layout === 'rows' ? (
          <span className={classes.name}>{fields[name]}</span>
        ) : (
          <VisuallyHidden>{fields[name]}</VisuallyHidden>
        )}
        <span className={classes.value} data-unsaved={isUnsaved || undefined}>
          {content}
        </span>
        {isUnsaved && (
          <span className={classes.saving} role="status">
            {text.saving}
          </span>
        )}
      </>
    );
    if (!canChange) {
      return (
        <div key={name} className={classes.field} data-fixed>
          {shown}
        </div>
      );
    }
    return (
      <Picker
        key={name}
        label={fields[name]}
        options={options}
        onPick={onPick}
        {...(onCreate ? { onCreate } : {})}
        isMultiple={name === 'tags'}
        position={layout === 'rows' ? 'bottom-end' : 'bottom-start'}
        isOpen={isOpen}
        onOpenChange={(next) => onOpenField(next ? name : null)}
        target={
          <UnstyledButton className={classes.field} onClick={() => onOpenField(isOpen ? null : name)}>
            {shown}
            <AppIcon name="chevron-down" size={14} className={classes.chevron} />
          </UnstyledButton>
        }
      />
    );
  }

  const statusField = renderField({
    name: 'status',
    content: <StatusBadge status={ticket.status} variant={layout === 'rows' ? 'tinted' : 'plain'} />,
    options: useStatusOptions([ticket.status]),
    onPick: (value) => {
      const status = STATUSES.find((one) => one === value);
      if (status && status !== ticket.status) change({ status });
    },
  });

  const assigneeField = renderField({
    name: 'assignee',
    content: assignee ? (
      <>
        <Initials name={assignee.name} />
        <span className={classes.ellipsis}>{assignee.name}</span>
      </>
    ) : (
      <>
        <AppIcon name="user-off" className={classes.muted} />
        <span className={classes.muted}>{fields.unassigned}</span>
      </>
    ),
    options: useAssigneeOptions(assignees, assignee?.id ?? NOBODY),
    onPick: (value) => {
      const person = assignees?.find(({ id }) => id === value);
      if (value === NOBODY && assignee !== null) change({ assignee: null });
      else if (person && person.id !== assignee?.id)
        change({ assignee: { id: person.id, name: person.name } });
    },
  });

  const teamField = renderField({
    name: 'team',
    content: (
      <>
        <AppIcon name="users" className={classes.muted} />
        <span className={team ? classes.ellipsis : classes.muted}>{team?.name ?? fields.noTeam}</span>
      </>
    ),
    options: useTeamOptions(teams, team?.id ?? NOBODY),
    onPick: (value) => {
      const chosen = teams?.find(({ id }) => id === value);
      if (value === NOBODY && team !== null) change({ team: null });
      else if (chosen && chosen.id !== team?.id) change({ team: { id: chosen.id, name: chosen.name } });
    },
  });

  const priorityField = renderField({
    name: 'priority',
    content: <PriorityBars priority={ticket.priority} withLabel />,
    options: usePriorityOptions(ticket.priority),
    onPick: (value) => {
      const priority = PRIORITIES.find((one) => one === value);
      if (priority && priority !== ticket.priority) change({ priority });
    },
  });

  const tagsField = renderField({
    name: 'tags',
    content:
      tags.length > 0 ? (
        <span className={classes.tags}>
          {tags.map((tag) => (
            <TagPill key={tag}>{tag}</TagPill>
          ))}
        </span>
      ) : (
        <>
          {layout === 'line' && <AppIcon name="tag" className={classes.muted} />}
          <span className={classes.muted}>{canChange ? fields.addTags : fields.noTags}</span>
        </>
      ),
    options: useTagOptions(knownTags, tags),
    onPick: (tag) =>
      change({
        tags: tags.includes(tag) ? tags.filter((one) => one !== tag) : [...tags, tag].toSorted(),
      }),
    onCreate: (entered) => {
      const tag = normalizeTag(entered);
      if (tag !== '' && !tags.includes(tag)) change({ tags: [...tags, tag].toSorted() });
    },
  });

  return (
    <div className={classes.root} data-layout={layout}>
      {statusField}
      {assigneeField}
      {/* Who raises tickets sees none, and a desk without teams needs no field. */}
      {isStaff && (team !== null || (teams?.length ?? 0) > 0) && teamField}
      {priorityField}
      {tagsField}
    </div>
  );
}
