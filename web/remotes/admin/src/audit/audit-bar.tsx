/** The filters of the trail: action, person, ticket, time. */
import { queryKeys, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { Button, defineMessages, useDebouncedValue, useLocale, useMessages } from '@flowbit/ui';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { describeAction, listActions } from '../parts/action-words';
import { ChoiceList } from '../parts/choice-list';
import { FilterBar, FilterPill } from '../parts/filter-pill';
import { type AuditFilter, isFiltered, without } from './audit-filter';
import { TimeChoice, useTimeWords } from './time-choice';

const words = defineMessages({
  en: {
    filters: 'Filter the audit trail',
    action: 'Action',
    chooseAction: 'Choose an action',
    person: 'Person',
    choosePerson: 'Search name or email',
    ticket: 'Ticket',
    chooseTicket: 'Search words of a ticket',
    time: 'Time',
    nothing: 'Nothing fits.',
    nobody: 'Nobody fits.',
    noTicket: 'No ticket fits. To find the events of a deleted one, open its deletion here.',
    clear: 'Clear all',
  },
  de: {
    filters: 'Protokoll filtern',
    action: 'Aktion',
    chooseAction: 'Aktion wählen',
    person: 'Person',
    choosePerson: 'Name oder E-Mail suchen',
    ticket: 'Ticket',
    chooseTicket: 'Wörter eines Tickets suchen',
    time: 'Zeit',
    nothing: 'Nichts passt.',
    nobody: 'Niemand passt.',
    noTicket: 'Kein Ticket passt. Die Ereignisse eines gelöschten finden Sie über dessen Löschung.',
    clear: 'Alle entfernen',
  },
});

const CHOICES = 20;
const PAUSE_MS = 200;

interface ChoiceProps {
  selected: string | null;
  onChoose(value: string): void;
}

function PersonChoice({ selected, onChoose }: ChoiceProps) {
  const text = useMessages(words);
  const { client } = useScreen();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), PAUSE_MS);
  const { data } = useQuery({
    queryKey: [...queryKeys.admin.users, 'choice', q],
    queryFn: ({ signal }) => {
      const query = { limit: CHOICES, ...(q ? { q } : {}) };
      return unwrap(client.GET('/api/admin/users', { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
  });
  return (
    <ChoiceList
      label={text.choosePerson}
      choices={(data?.items ?? []).map(({ id, name, email }) => ({ value: id, label: name, detail: email }))}
      selected={selected}
      nothing={data ? text.nobody : '…'}
      onSearch={setTyped}
      onChoose={onChoose}
    />
  );
}

function TicketChoice({ selected, onChoose }: ChoiceProps) {
  const text = useMessages(words);
  const { client } = useScreen();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim().replace(/^#/, ''), PAUSE_MS);
  const { data } = useQuery({
    queryKey: [...queryKeys.tickets.lists, 'choice', q],
    queryFn: ({ signal }) => {
      const query = { limit: CHOICES, ...(q ? { q } : {}) };
      return unwrap(client.GET('/api/tickets', { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
  });
  return (
    <ChoiceList
      label={text.chooseTicket}
      choices={(data?.items ?? []).map(({ id, number, title }) => ({
        value: id,
        label: title,
        detail: `#${number}`,
      }))}
      selected={selected}
      nothing={data ? text.noTicket : '…'}
      onSearch={setTyped}
      onChoose={onChoose}
    />
  );
}

export interface AuditBarProps {
  filter: AuditFilter;
  /** What the filtered person and ticket are called, as far as the events shown tell. */
  personName: string | undefined;
  ticketNumber: number | undefined;
  onChange(filter: AuditFilter): void;
}

export function AuditBar({ filter, personName, ticketNumber, onChange }: AuditBarProps) {
  const text = useMessages(words);
  const locale = useLocale();
  const timeWord = useTimeWords(filter);
  const { action, userId, ticketId } = filter;
  /** The value is set and the pill's popover closes. */
  const take = (close: () => void, part: AuditFilter) => {
    close();
    onChange({ ...filter, ...part });
  };
  return (
    <FilterBar label={text.filters}>
      <FilterPill
        name={text.action}
        value={action ? describeAction(action, locale).label : null}
        onClear={() => onChange(without(filter, 'action'))}
        width={320}
      >
        {(close) => (
          <ChoiceList
            label={text.chooseAction}
            choices={listActions(locale).map(({ action: value, label, group, icon }) => ({
              value,
              label,
              group,
              icon,
            }))}
            selected={action ?? null}
            nothing={text.nothing}
            onChoose={(value) => take(close, { action: value })}
          />
        )}
      </FilterPill>
      <FilterPill
        name={text.person}
        value={userId ? (personName ?? `${userId.slice(0, 8)}…`) : null}
        onClear={() => onChange(without(filter, 'userId'))}
        width={360}
      >
        {(close) => (
          <PersonChoice selected={userId ?? null} onChoose={(value) => take(close, { userId: value })} />
        )}
      </FilterPill>
      <FilterPill
        name={text.ticket}
        value={
          ticketId ? (ticketNumber === undefined ? `${ticketId.slice(0, 8)}…` : `#${ticketNumber}`) : null
        }
        onClear={() => onChange(without(filter, 'ticketId'))}
        width={400}
      >
        {(close) => (
          <TicketChoice selected={ticketId ?? null} onChoose={(value) => take(close, { ticketId: value })} />
        )}
      </FilterPill>
      <FilterPill
        name={text.time}
        value={timeWord}
        onClear={() => onChange(without(filter, 'from', 'to'))}
        width={280}
      >
        {(close) => (
          <TimeChoice
            filter={filter}
            onChoose={(time) => {
              close();
              onChange({ ...without(filter, 'from', 'to'), ...time });
            }}
          />
        )}
      </FilterPill>
      {isFiltered(filter) && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => onChange({})}>
          {text.clear}
        </Button>
      )}
    </FilterBar>
  );
}
