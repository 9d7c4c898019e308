/** One endpoint: how it fares, what it gets, what was sent there last, and what can be done. */
import type { Endpoint, EndpointWithSecrets } from '@flowbit/api';
import { isApiError } from '@flowbit/api';
import { useScreen, useTitle } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  Button,
  defineMessages,
  describeError,
  EmptyState,
  Menu,
  PageHeader,
  RelativeTime,
  SkeletonRows,
  useFormats,
  useMessages,
} from '@flowbit/ui';
import { useState } from 'react';
import { useActionWords } from '../parts/action-words';
import { CopyText } from '../parts/copy-text';
import { Fact, Facts } from '../parts/facts';
import { LoadError } from '../parts/load-error';
import { useDeliveryList } from './delivery/delivery-queries';
import { DeliveryTable } from './delivery/delivery-table';
import { EndpointBadge } from './endpoint/endpoint-badge';
import { type EndpointDeed, EndpointDeedDialog } from './endpoint/endpoint-deed';
import { EndpointForm } from './endpoint/endpoint-form';
import { useEndpointChanges, useEndpoints } from './endpoint/endpoint-queries';
import { nameOf, patchOf, secondsOf, spanOf, stateOf } from './endpoint/endpoint-state';
import classes from './endpoint-page.module.css';
import { TestResult } from './test-result';

const words = defineMessages({
  en: {
    back: 'All endpoints',
    missing: 'There is no such endpoint',
    missingMeaning: 'The address is wrong, or it was deleted. Its past deliveries can still be read.',
    test: 'Send a test',
    testOff: 'Switch it on to send a test',
    edit: 'Edit',
    more: 'More actions',
    rotate: 'Rotate secrets',
    off: 'Switch off',
    on: 'Switch on',
    delete: 'Delete',
    url: 'URL',
    events: 'Events',
    deadline: 'Deadline',
    noDeadline: 'None',
    lastSuccess: 'Last accepted',
    never: 'Never',
    created: 'Added',
    changed: 'Changed',
    paused: (count: string, time: string) =>
      `After ${count} failures in a row nothing is sent there until ${time}. A test is sent at once; when it is answered, everything that waits goes out.`,
    failing: 'The last attempts failed. Deliveries are tried again by themselves, at growing intervals.',
    offBanner: 'It is switched off: nothing is sent there. Deliveries that wait stay.',
    recent: 'Latest deliveries',
    all: 'All deliveries of this endpoint',
    testRefused: 'The test was not sent',
    saved: 'Endpoint saved',
  },
  de: {
    back: 'Alle Endpunkte',
    missing: 'Diesen Endpunkt gibt es nicht',
    missingMeaning:
      'Die Adresse stimmt nicht, oder er wurde gelöscht. Seine vergangenen Zustellungen bleiben lesbar.',
    test: 'Test senden',
    testOff: 'Zum Testen einschalten',
    edit: 'Bearbeiten',
    more: 'Weitere Aktionen',
    rotate: 'Geheimnisse erneuern',
    off: 'Ausschalten',
    on: 'Einschalten',
    delete: 'Löschen',
    url: 'URL',
    events: 'Ereignisse',
    deadline: 'Frist',
    noDeadline: 'Keine',
    lastSuccess: 'Zuletzt angenommen',
    never: 'Nie',
    created: 'Hinzugefügt',
    changed: 'Geändert',
    paused: (count: string, time: string) =>
      `Nach ${count} Fehlern in Folge wird bis ${time} nichts dorthin gesendet. Ein Test geht sofort hinaus; wird er beantwortet, folgt alles, was wartet.`,
    failing: 'Die letzten Versuche scheiterten. Es wird von selbst wieder versucht, in wachsenden Abständen.',
    offBanner: 'Er ist ausgeschaltet: Dorthin wird nichts gesendet. Wartende Zustellungen bleiben.',
    recent: 'Letzte Zustellungen',
    all: 'Alle Zustellungen dieses Endpunkts',
    testRefused: 'Der Test wurde nicht gesendet',
    saved: 'Endpunkt gespeichert',
  },
});

const RECENT = 10;

function Banner({ endpoint }: { endpoint: Endpoint }) {
  const text = useMessages(words);
  const formats = useFormats();
  const state = stateOf(endpoint, Date.now());
  if (state.kind === 'paused') {
    const until = formats.time(new Date(state.until));
    return (
      <p className={classes.banner} data-tone="danger">
        {text.paused(formats.number(state.failures), until)}
      </p>
    );
  }
  if (state.kind === 'failing') {
    return (
      <p className={classes.banner} data-tone="warning">
        {text.failing}
      </p>
    );
  }
  return state.kind === 'off' ? <p className={classes.banner}>{text.offBanner}</p> : null;
}

function Recent({ endpointId }: { endpointId: string }) {
  const text = useMessages(words);
  const { navigate, href } = useScreen();
  const list = useDeliveryList({ endpointId }, RECENT);
  const deliveries = list.data?.pages[0]?.items;
  const { data: endpoints } = useEndpoints();
  return (
    <section aria-label={text.recent}>
      <div className={classes.recentHead}>
        <h2 className={classes.heading}>{text.recent}</h2>
        <a className={classes.link} href={href(`/deliveries?endpointId=${endpointId}`)}>
          {text.all}
        </a>
      </div>
      {list.isError && deliveries === undefined ? (
        <LoadError error={list.error} onRetry={() => void list.refetch()} variant="inline" />
      ) : (
        <DeliveryTable
          deliveries={deliveries}
          endpoints={endpoints}
          withoutEndpoint
          onOpen={(delivery) => navigate(`/deliveries/${delivery.id}?endpointId=${endpointId}`)}
        />
      )}
    </section>
  );
}

function EndpointFacts({ endpoint }: { endpoint: Endpoint }) {
  const text = useMessages(words);
  const actionWords = useActionWords();
  const formats = useFormats();
  const { deadlineSeconds } = endpoint;
  return (
    <Facts>
      <Fact label={text.url}>
        <CopyText value={endpoint.url} label={text.url} />
      </Fact>
      <Fact label={text.events}>{endpoint.events.map((event) => actionWords(event).label).join(', ')}</Fact>
      <Fact label={text.deadline}>
        {deadlineSeconds === null
          ? text.noDeadline
          : formats.duration(secondsOf(spanOf(deadlineSeconds)) * 1000)}
      </Fact>
      <Fact label={text.lastSuccess}>
        {endpoint.lastSuccessAt ? <RelativeTime at={endpoint.lastSuccessAt} style="long" /> : text.never}
      </Fact>
      <Fact label={text.created}>
        <RelativeTime at={endpoint.createdAt} style="long" />
      </Fact>
      <Fact label={text.changed}>
        {endpoint.updatedAt !== endpoint.createdAt && <RelativeTime at={endpoint.updatedAt} style="long" />}
      </Fact>
    </Facts>
  );
}

function EndpointMenu({ endpoint, onDeed }: { endpoint: Endpoint; onDeed(deed: EndpointDeed): void }) {
  const text = useMessages(words);
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon size={32} variant="default" aria-label={text.more}>
          <AppIcon name="dots" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<AppIcon name="key" />} onClick={() => onDeed('rotate')}>
          {text.rotate}
        </Menu.Item>
        <Menu.Item
          leftSection={<AppIcon name={endpoint.active ? 'pause' : 'play'} />}
          onClick={() => onDeed(endpoint.active ? 'off' : 'on')}
        >
          {endpoint.active ? text.off : text.on}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          c="var(--fb-danger)"
          leftSection={<AppIcon name="trash" />}
          onClick={() => onDeed('delete')}
        >
          {text.delete}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export interface EndpointPageProps {
  id: string;
  isEditing: boolean;
  onSecrets(endpoint: EndpointWithSecrets): void;
}

export function EndpointPage({ id, isEditing, onSecrets }: EndpointPageProps) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { navigate, href, search, toast } = useScreen();
  const { data: endpoints, error, refetch } = useEndpoints();
  const { update, test } = useEndpointChanges();
  const [deed, setDeed] = useState<EndpointDeed | null>(null);
  const [isSending, setSending] = useState(false);
  const endpoint = endpoints?.find((one) => one.id === id);
  useTitle(endpoint ? nameOf(endpoint) : null);
  const testId = search.get('test');

  async function sendTest() {
    setSending(true);
    try {
      const { deliveryId } = await test(id);
      navigate(`/endpoints/${id}?test=${deliveryId}`, { replace: testId !== null });
    } catch (caught) {
      const { title, meaning } = describe(caught);
      const detail = isApiError(caught, 'endpoint_inactive') ? text.testOff : `${title}. ${meaning}`;
      toast({ kind: 'error', title: text.testRefused, detail });
    } finally {
      setSending(false);
    }
  }

  const back = (
    <a className={classes.back} href={href('/')}>
      <AppIcon name="arrow-left" size={14} /> {text.back}
    </a>
  );
  if (!endpoint) {
    return (
      <>
        <div className={classes.crumb}>{back}</div>
        {error && endpoints === undefined ? (
          <LoadError error={error} onRetry={() => void refetch()} />
        ) : endpoints === undefined ? (
          <SkeletonRows rows={6} height={32} />
        ) : (
          <EmptyState icon="webhook" title={text.missing}>
            {text.missingMeaning}
          </EmptyState>
        )}
      </>
    );
  }
  return (
    <>
      <div className={classes.crumb}>{back}</div>
      <PageHeader
        title={
          <span className={classes.title}>
            {nameOf(endpoint)} <EndpointBadge endpoint={endpoint} />
          </span>
        }
        actions={
          <>
            <EndpointMenu endpoint={endpoint} onDeed={setDeed} />
            <Button variant="default" onClick={() => navigate(`/endpoints/${id}/edit`)}>
              {text.edit}
            </Button>
            {endpoint.active ? (
              <Button
                leftSection={<AppIcon name="send" />}
                loading={isSending}
                onClick={() => void sendTest()}
              >
                {text.test}
              </Button>
            ) : (
              <Button onClick={() => setDeed('on')}>{text.on}</Button>
            )}
          </>
        }
      >
        <Banner endpoint={endpoint} />
        {testId && (
          <TestResult
            key={testId}
            deliveryId={testId}
            onDismiss={() => navigate(`/endpoints/${id}`, { replace: true, keepScroll: true })}
          />
        )}
        <div className={classes.facts}>
          <EndpointFacts endpoint={endpoint} />
        </div>
      </PageHeader>
      <Recent endpointId={id} />
      <EndpointForm
        key={`${endpoint.updatedAt}`}
        opened={isEditing}
        endpoint={endpoint}
        onClose={() => navigate(`/endpoints/${id}`, { replace: true })}
        onSubmit={async (values) => {
          await update(id, patchOf(endpoint, values));
          navigate(`/endpoints/${id}`, { replace: true });
          toast({ kind: 'success', title: text.saved });
        }}
      />
      {deed && (
        <EndpointDeedDialog
          deed={deed}
          endpoint={endpoint}
          onClose={() => setDeed(null)}
          onRotated={onSecrets}
          onDeleted={() => navigate('/', { replace: true })}
        />
      )}
    </>
  );
}
