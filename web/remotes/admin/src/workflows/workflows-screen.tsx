/** Workflows: where events go, and what became of each delivery. */
import type { EndpointWithSecrets } from '@flowbit/api';
import { useRoute, useScreen } from '@flowbit/contract';
import { AppIcon, Button, defineMessages, PageHeader, useHotkeys, useMessages } from '@flowbit/ui';
import { useState } from 'react';
import { DeliveriesView } from './deliveries-view';
import { EndpointForm } from './endpoint/endpoint-form';
import { EndpointList } from './endpoint/endpoint-list';
import { useEndpointChanges } from './endpoint/endpoint-queries';
import { SecretsDialog } from './endpoint/secrets-dialog';
import { EndpointPage } from './endpoint-page';
import { Tabs } from './tabs';

const words = defineMessages({
  en: {
    description:
      'Addresses that are told what happens to tickets: n8n or any other program. Each delivery is signed, tried again until it arrives, and kept to be looked at.',
    add: 'Add an endpoint',
    group: 'Workflows',
  },
  de: {
    description:
      'Adressen, die erfahren, was mit Tickets geschieht: n8n oder ein anderes Programm. Jede Zustellung ist signiert, wird wiederholt, bis sie ankommt, und bleibt einsehbar.',
    add: 'Endpunkt hinzufügen',
    group: 'Workflows',
  },
});

const routes = {
  endpoints: '/',
  add: '/endpoints/new',
  edit: '/endpoints/:id/edit',
  endpoint: '/endpoints/:id',
  deliveries: '/deliveries',
  delivery: '/deliveries/:id',
} as const;

interface Shown {
  endpoint: EndpointWithSecrets;
  isRotation: boolean;
}

function EndpointsView({
  isAdding,
  onCreated,
}: {
  isAdding: boolean;
  onCreated(made: EndpointWithSecrets): void;
}) {
  const text = useMessages(words);
  const { screen, navigate } = useScreen();
  const { create } = useEndpointChanges();
  const add = () => navigate('/endpoints/new');
  useHotkeys([{ keys: 'c', label: text.add, group: text.group, run: add }]);
  return (
    <>
      <PageHeader
        title={screen.title}
        description={text.description}
        actions={
          <Button leftSection={<AppIcon name="plus" />} onClick={add}>
            {text.add}
          </Button>
        }
      >
        <Tabs current="endpoints" />
      </PageHeader>
      <EndpointList />
      <EndpointForm
        opened={isAdding}
        onClose={() => navigate('/')}
        onSubmit={async ({ url, description, events, deadlineSeconds }) => {
          onCreated(await create({ url, description, events: [...events], deadlineSeconds, active: true }));
        }}
      />
    </>
  );
}

export function WorkflowsScreen() {
  const route = useRoute(routes);
  const { navigate } = useScreen();
  const [shown, setShown] = useState<Shown | null>(null);

  function renderView() {
    switch (route?.name) {
      case 'deliveries':
        return <DeliveriesView openId={null} />;
      case 'delivery':
        return <DeliveriesView openId={route.params.id} />;
      case 'endpoint':
      case 'edit':
        return (
          <EndpointPage
            key={route.params.id}
            id={route.params.id}
            isEditing={route.name === 'edit'}
            onSecrets={(endpoint) => setShown({ endpoint, isRotation: true })}
          />
        );
      default:
        return (
          <EndpointsView
            isAdding={route?.name === 'add'}
            onCreated={(endpoint) => {
              setShown({ endpoint, isRotation: false });
              navigate(`/endpoints/${endpoint.id}`, { replace: true });
            }}
          />
        );
    }
  }

  return (
    <>
      {renderView()}
      {shown && <SecretsDialog {...shown} onDone={() => setShown(null)} />}
    </>
  );
}
