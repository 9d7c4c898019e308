/** Deliveries in a table: how far each is, about what, and when it goes on. */
import type { Delivery, Endpoint } from '@flowbit/api';
import {
  type Column,
  DeliveryBadge,
  defineMessages,
  EmptyState,
  RelativeTime,
  useMessages,
} from '@flowbit/ui';
import type { ReactNode } from 'react';
import { useActionWords } from '../../parts/action-words';
import { RecordList } from '../../parts/record-list';
import { nameOf as endpointName, partsOf } from '../endpoint/endpoint-state';
import { useTicketNumbers } from './delivery-queries';
import classes from './delivery-table.module.css';
import { NextTry } from './next-try';

const words = defineMessages({
  en: {
    caption: 'Deliveries',
    state: 'State',
    event: 'Event',
    endpoint: 'Endpoint',
    ticket: 'Ticket',
    tries: 'Tries',
    answer: 'Answer',
    noAnswer: 'None',
    next: 'Next try',

    created: 'Created',
    none: 'Nothing was sent yet',
    noneMeaning: 'A delivery appears here as soon as an event happens that an endpoint wants.',
    openLabel: (event: string, endpoint: string) => `${event} to ${endpoint}`,
  },
  de: {
    caption: 'Zustellungen',
    state: 'Zustand',
    event: 'Ereignis',
    endpoint: 'Endpunkt',
    ticket: 'Ticket',
    tries: 'Versuche',
    answer: 'Antwort',
    noAnswer: 'Keine',
    next: 'Nächster Versuch',

    created: 'Erstellt',
    none: 'Es wurde noch nichts gesendet',
    noneMeaning:
      'Sobald ein Ereignis geschieht, das ein Endpunkt haben will, erscheint hier eine Zustellung.',
    openLabel: (event: string, endpoint: string) => `${event} an ${endpoint}`,
  },
});

export interface DeliveryTableProps {
  deliveries: readonly Delivery[] | undefined;
  onOpen(delivery: Delivery): void;
  onClose?: () => void;
  openId?: string | null;
  /** Few columns, beside an opened delivery. */
  isCompact?: boolean;
  withoutEndpoint?: boolean;
  /** What is known of the endpoints: their names, and whether anything is sent there. */
  endpoints?: readonly Endpoint[] | undefined;
  empty?: ReactNode;
}

export function DeliveryTable({
  deliveries,
  onOpen,
  onClose,
  openId = null,
  isCompact = false,
  withoutEndpoint = false,
  endpoints,
  empty,
}: DeliveryTableProps) {
  const text = useMessages(words);
  const actionWords = useActionWords();
  const numbers = useTicketNumbers(deliveries ?? []);

  const byId = new Map(endpoints?.map((endpoint) => [endpoint.id, endpoint]));
  const nameOf = ({ endpointId, endpointUrl }: Delivery) => {
    const endpoint = byId.get(endpointId);
    return endpoint ? endpointName(endpoint) : partsOf(endpointUrl).host;
  };
  const eventOf = (delivery: Delivery) => actionWords(delivery.eventType).label;
  const numberOf = ({ ticketId }: Delivery) => (ticketId === null ? undefined : numbers.get(ticketId));

  function renderAnswer(delivery: Delivery) {
    if (delivery.lastStatus !== null) {
      const isGood = delivery.lastStatus >= 200 && delivery.lastStatus < 300;
      return <span className={isGood ? undefined : classes.bad}>{delivery.lastStatus}</span>;
    }
    return delivery.lastError === null ? null : (
      <span className={classes.bad} title={delivery.lastError}>
        {text.noAnswer}
      </span>
    );
  }

  const all: (Column<Delivery> & { isFull?: true })[] = [
    {
      id: 'state',
      header: text.state,
      width: 128,
      cell: (delivery) => <DeliveryBadge state={delivery.state} />,
    },
    { id: 'event', header: text.event, cell: eventOf },
    { id: 'endpoint', header: text.endpoint, isFull: true, cell: nameOf },
    {
      id: 'ticket',
      header: text.ticket,
      width: 72,
      cell: (delivery) => {
        const number = numberOf(delivery);
        return number === undefined ? null : `#${number}`;
      },
    },
    {
      id: 'tries',
      header: text.tries,
      width: 80,
      align: 'end',
      isFull: true,
      cell: (delivery) => delivery.attemptCount,
    },
    { id: 'answer', header: text.answer, width: 72, align: 'end', cell: renderAnswer },
    {
      id: 'next',
      header: text.next,
      width: 136,
      align: 'end',
      isFull: true,
      cell: ({ nextAttemptAt, endpointId }) => (
        <NextTry at={nextAttemptAt} isOff={byId.get(endpointId)?.active === false} />
      ),
    },
    {
      id: 'created',
      header: text.created,
      width: 96,
      align: 'end',
      cell: (delivery) => <RelativeTime at={delivery.createdAt} />,
    },
  ];
  const columns = all.filter(
    (column) => !(isCompact && column.isFull) && !(withoutEndpoint && column.id === 'endpoint'),
  );

  return (
    <RecordList
      caption={text.caption}
      columns={columns}
      rows={deliveries}
      rowKey={(delivery) => delivery.id}
      openLabel={(delivery) => text.openLabel(eventOf(delivery), nameOf(delivery))}
      selectedKey={openId}
      onOpen={onOpen}
      {...(onClose ? { onClose } : {})}
      item={(delivery) => (
        <span className={classes.item}>
          <span className={classes.itemWords}>
            <span className={classes.itemTitle}>
              {eventOf(delivery)}
              {numberOf(delivery) !== undefined && ` #${numberOf(delivery)}`}
            </span>
            <span className={classes.muted}>{nameOf(delivery)}</span>
          </span>
          <span className={classes.itemSide}>
            <DeliveryBadge state={delivery.state} />
            <span className={classes.muted}>
              {renderAnswer(delivery)} <RelativeTime at={delivery.createdAt} />
            </span>
          </span>
        </span>
      )}
      empty={
        empty ?? (
          <EmptyState icon="send" title={text.none}>
            {text.noneMeaning}
          </EmptyState>
        )
      }
    />
  );
}
