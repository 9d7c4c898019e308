/** All endpoints: where events go, which, and whether they arrive. */
import type { Endpoint } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  type Column,
  defineMessages,
  EmptyState,
  RelativeTime,
  useMessages,
} from '@flowbit/ui';
import { useActionWords } from '../../parts/action-words';
import { LoadError } from '../../parts/load-error';
import { RecordList } from '../../parts/record-list';
import { EndpointBadge } from './endpoint-badge';
import classes from './endpoint-list.module.css';
import { useEndpoints } from './endpoint-queries';
import { nameOf } from './endpoint-state';

const words = defineMessages({
  en: {
    caption: 'Endpoints',
    endpoint: 'Endpoint',
    state: 'State',
    events: 'Events',
    lastSuccess: 'Last accepted',
    never: 'Never',
    none: 'No endpoint yet',
    noneMeaning:
      'An endpoint is an address outside, such as an n8n webhook, that is told when a ticket is created or changed. It can answer back: with a message, or by changing the ticket’s status.',
    add: 'Add an endpoint',
  },
  de: {
    caption: 'Endpunkte',
    endpoint: 'Endpunkt',
    state: 'Zustand',
    events: 'Ereignisse',
    lastSuccess: 'Zuletzt angenommen',
    never: 'Nie',
    none: 'Noch kein Endpunkt',
    noneMeaning:
      'Ein Endpunkt ist eine Adresse außerhalb, etwa ein Webhook von n8n, die erfährt, wenn ein Ticket entsteht oder sich ändert. Er kann antworten: mit einer Nachricht oder einem neuen Status des Tickets.',
    add: 'Endpunkt hinzufügen',
  },
});

function Where({ endpoint }: { endpoint: Endpoint }) {
  return (
    <span className={classes.where} data-off={!endpoint.active || undefined}>
      <span className={classes.name}>{nameOf(endpoint)}</span>
      <span className={classes.url}>{endpoint.url}</span>
    </span>
  );
}

export function EndpointList() {
  const text = useMessages(words);
  const actionWords = useActionWords();
  const { navigate } = useScreen();
  const { data: endpoints, error, refetch } = useEndpoints();
  if (error && endpoints === undefined) return <LoadError error={error} onRetry={() => void refetch()} />;

  const eventsOf = (endpoint: Endpoint) =>
    endpoint.events.map((event) => actionWords(event).label).join(', ');
  const columns: Column<Endpoint>[] = [
    { id: 'endpoint', header: text.endpoint, cell: (endpoint) => <Where endpoint={endpoint} /> },
    {
      id: 'state',
      header: text.state,
      width: 200,
      cell: (endpoint) => <EndpointBadge endpoint={endpoint} />,
    },
    {
      id: 'events',
      header: text.events,
      width: '28%',
      cell: (endpoint) => <span className={classes.muted}>{eventsOf(endpoint)}</span>,
    },
    {
      id: 'lastSuccess',
      header: text.lastSuccess,
      width: 140,
      align: 'end',
      cell: (endpoint) =>
        endpoint.lastSuccessAt ? (
          <RelativeTime at={endpoint.lastSuccessAt} />
        ) : (
          <span className={classes.muted}>{text.never}</span>
        ),
    },
  ];
  return (
    <RecordList
      caption={text.caption}
      rowHeight={48}
      columns={columns}
      rows={endpoints}
      rowKey={(endpoint) => endpoint.id}
      openLabel={nameOf}
      onOpen={(endpoint) => navigate(`/endpoints/${endpoint.id}`)}
      skeletonRows={3}
      item={(endpoint) => (
        <span className={classes.item}>
          <Where endpoint={endpoint} />
          <EndpointBadge endpoint={endpoint} />
        </span>
      )}
      empty={
        <EmptyState
          icon="webhook"
          title={text.none}
          action={
            <Button leftSection={<AppIcon name="plus" />} onClick={() => navigate('/endpoints/new')}>
              {text.add}
            </Button>
          }
        >
          {text.noneMeaning}
        </EmptyState>
      }
    />
  );
}
