/** The filters of the deliveries: state, endpoint, ticket. */
import type { Endpoint } from '@flowbit/api';
import { defineMessages, stateWords, useMessages } from '@flowbit/ui';
import { ChoiceList } from '../../parts/choice-list';
import { FilterBar, FilterPill } from '../../parts/filter-pill';
import { nameOf } from '../endpoint/endpoint-state';
import { type DeliveryFilter, STATES } from './delivery-filter';

const words = defineMessages({
  en: {
    filters: 'Filter deliveries',
    state: 'State',
    chooseState: 'Choose a state',
    endpoint: 'Endpoint',
    chooseEndpoint: 'Choose an endpoint',
    ticket: 'Ticket',
    deleted: 'Deleted endpoint',
    nothing: 'Nothing fits.',
    ticketNote: 'Shows the deliveries of one ticket. Open it from the ticket’s workflow or from a delivery.',
  },
  de: {
    filters: 'Zustellungen filtern',
    state: 'Zustand',
    chooseState: 'Zustand wählen',
    endpoint: 'Endpunkt',
    chooseEndpoint: 'Endpunkt wählen',
    ticket: 'Ticket',
    deleted: 'Gelöschter Endpunkt',
    nothing: 'Nichts passt.',
    ticketNote:
      'Zeigt die Zustellungen eines Tickets. Zu öffnen vom Workflow des Tickets oder einer Zustellung.',
  },
});

export interface DeliveryBarProps {
  filter: DeliveryFilter;
  endpoints: readonly Endpoint[] | undefined;
  /** The number of the ticket that is filtered for, when known. */
  ticketNumber: number | undefined;
  onChange(filter: DeliveryFilter): void;
}

function without<Key extends keyof DeliveryFilter>(filter: DeliveryFilter, key: Key): DeliveryFilter {
  const { [key]: _, ...rest } = filter;
  return rest;
}

export function DeliveryBar({ filter, endpoints, ticketNumber, onChange }: DeliveryBarProps) {
  const text = useMessages(words);
  const states = useMessages(stateWords);
  const endpoint = endpoints?.find((one) => one.id === filter.endpointId);
  const endpointWord = endpoint ? nameOf(endpoint) : endpoints ? text.deleted : '…';
  return (
    <FilterBar label={text.filters}>
      <FilterPill
        name={text.state}
        value={filter.state ? states[filter.state] : null}
        onClear={() => onChange(without(filter, 'state'))}
        width={220}
      >
        {(close) => (
          <ChoiceList
            label={text.chooseState}
            choices={STATES.map((state) => ({ value: state, label: states[state] }))}
            selected={filter.state ?? null}
            nothing={text.nothing}
            onChoose={(value) => {
              close();
              const state = STATES.find((one) => one === value);
              if (state) onChange({ ...filter, state });
            }}
          />
        )}
      </FilterPill>
      <FilterPill
        name={text.endpoint}
        value={filter.endpointId ? endpointWord : null}
        onClear={() => onChange(without(filter, 'endpointId'))}
        width={340}
      >
        {(close) => (
          <ChoiceList
            label={text.chooseEndpoint}
            choices={(endpoints ?? []).map((one) => ({ value: one.id, label: nameOf(one) }))}
            selected={filter.endpointId ?? null}
            nothing={text.nothing}
            onChoose={(endpointId) => {
              close();
              onChange({ ...filter, endpointId });
            }}
          />
        )}
      </FilterPill>
      {filter.ticketId && (
        <FilterPill
          name={text.ticket}
          value={ticketNumber === undefined ? '…' : `#${ticketNumber}`}
          onClear={() => onChange(without(filter, 'ticketId'))}
        >
          {() => <p style={{ margin: 12 }}>{text.ticketNote}</p>}
        </FilterPill>
      )}
    </FilterBar>
  );
}
