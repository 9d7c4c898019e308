/** `./Workflows`: endpoints and deliveries, and the palette's way to them. */
import { unwrap } from '@flowbit/api';
import type { Command, ScreenContext, SearchHit } from '@flowbit/contract';
import { nameOf } from './endpoint/endpoint-state';

export { WorkflowsScreen as default } from './workflows-screen';

const WORDS = {
  en: { add: 'Add an endpoint', failed: 'Show deliveries that were given up', all: 'Show all deliveries' },
  de: {
    add: 'Endpunkt hinzufügen',
    failed: 'Aufgegebene Zustellungen zeigen',
    all: 'Alle Zustellungen zeigen',
  },
};

export function commands({ locale, navigate }: ScreenContext): Command[] {
  const words = WORDS[locale];
  const keywords = ['webhook', 'n8n'];
  return [
    { id: 'add', label: words.add, icon: 'plus', keywords, run: () => navigate('/endpoints/new') },
    { id: 'deliveries', label: words.all, icon: 'send', keywords, run: () => navigate('/deliveries') },
    {
      id: 'failed',
      label: words.failed,
      icon: 'circle-x',
      keywords,
      run: () => navigate('/deliveries?state=dead'),
    },
  ];
}

export async function search(
  { client }: ScreenContext,
  query: string,
  signal: AbortSignal,
): Promise<SearchHit[]> {
  const call = client.GET('/api/admin/endpoints', { params: { query: { limit: 100 } }, signal });
  const wanted = query.toLowerCase();
  return (await unwrap(call)).items
    .filter(({ url, description }) => `${description ?? ''} ${url}`.toLowerCase().includes(wanted))
    .map((endpoint) => ({
      id: endpoint.id,
      title: nameOf(endpoint),
      detail: endpoint.url,
      icon: 'webhook',
      path: `/endpoints/${endpoint.id}`,
    }));
}
