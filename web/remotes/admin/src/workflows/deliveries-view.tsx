/** All deliveries, filtered; one opened beside the list. */
import type { Delivery } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { Button, defineMessages, EmptyState, PageHeader, useMessages } from '@flowbit/ui';
import { LoadError } from '../parts/load-error';
import { LoadMore } from '../parts/load-more';
import { SplitView } from '../parts/split-view';
import { DeliveryBar } from './delivery/delivery-bar';
import { type DeliveryFilter, readFilter, writeFilter } from './delivery/delivery-filter';
import { DeliveryPanel } from './delivery/delivery-panel';
import { useDeliveryList, useFreshDeliveries, useTicketNumbers } from './delivery/delivery-queries';
import { DeliveryTable } from './delivery/delivery-table';
import { useEndpoints } from './endpoint/endpoint-queries';
import { Tabs } from './tabs';

const words = defineMessages({
  en: {
    description: 'What was sent to your endpoints, and what came back.',
    notFound: 'No delivery fits',
    notFoundMeaning: 'Remove a filter to see more.',
    clear: 'Show all deliveries',
    end: 'That is all. Deliveries are kept for three months, the audit trail for ever.',
  },
  de: {
    description: 'Was an Ihre Endpunkte gesendet wurde und was zurückkam.',
    notFound: 'Keine Zustellung passt',
    notFoundMeaning: 'Nehmen Sie einen Filter weg, um mehr zu sehen.',
    clear: 'Alle Zustellungen zeigen',
    end: 'Das ist alles. Zustellungen bleiben drei Monate, das Protokoll für immer.',
  },
});

export function DeliveriesView({ openId }: { openId: string | null }) {
  const text = useMessages(words);
  const { screen, navigate, search } = useScreen();
  const filter = readFilter(search);
  const list = useDeliveryList(filter);
  const endpoints = useEndpoints();
  useFreshDeliveries();

  const deliveries = list.data?.pages.flatMap((page) => page.items);
  const ofTicket = deliveries?.filter(({ ticketId }) => ticketId !== null && ticketId === filter.ticketId);
  const numbers = useTicketNumbers(ofTicket?.slice(0, 1) ?? []);
  const isFiltered = Object.keys(filter).length > 0;

  const query = writeFilter(filter);
  const close = () => navigate(`/deliveries${query}`, { keepScroll: true });
  const change = (next: DeliveryFilter) => navigate(`/deliveries${writeFilter(next)}`, { keepScroll: true });
  const open = (delivery: Delivery) =>
    navigate(`/deliveries/${delivery.id}${query}`, { replace: openId !== null, keepScroll: true });

  return (
    <SplitView
      panelWidth={540}
      head={
        <PageHeader title={screen.title} description={text.description}>
          <Tabs current="deliveries" />
          <DeliveryBar
            filter={filter}
            endpoints={endpoints.data}
            ticketNumber={filter.ticketId ? numbers.get(filter.ticketId) : undefined}
            onChange={change}
          />
        </PageHeader>
      }
      panel={openId === null ? null : <DeliveryPanel id={openId} onClose={close} />}
    >
      {list.isError && deliveries === undefined ? (
        <LoadError error={list.error} onRetry={() => void list.refetch()} />
      ) : (
        <>
          <DeliveryTable
            deliveries={deliveries}
            onOpen={open}
            onClose={close}
            openId={openId}
            isCompact={openId !== null}
            endpoints={endpoints.data}
            empty={
              isFiltered ? (
                <EmptyState
                  icon="filter"
                  title={text.notFound}
                  action={
                    <Button variant="default" onClick={() => change({})}>
                      {text.clear}
                    </Button>
                  }
                >
                  {text.notFoundMeaning}
                </EmptyState>
              ) : undefined
            }
          />
          {deliveries && deliveries.length > 0 && <LoadMore query={list} end={text.end} />}
        </>
      )}
    </SplitView>
  );
}
