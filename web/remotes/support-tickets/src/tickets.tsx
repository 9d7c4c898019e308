/** The support tickets screen: what the shell loads, and what it offers to the palette. */
import { unwrap } from '@flowbit/api';
import type { Command, ScreenContext, SearchHit } from '@flowbit/contract';
import { stateWords } from '@flowbit/ui';

export { Desk as default } from './desk/desk';

const CREATE = { en: 'New ticket', de: 'Neues Ticket' };
const CREATE_KEYWORDS = { en: ['create', 'raise', 'request'], de: ['anlegen', 'anfrage', 'erstellen'] };

/** There wherever the person is. */
export function commands({ locale, navigate }: ScreenContext): Command[] {
  return [
    {
      id: 'create',
      label: CREATE[locale],
      icon: 'plus',
      keywords: CREATE_KEYWORDS[locale],
      keys: 'c',
      run: () => navigate('/new'),
    },
  ];
}

const MAX_HITS = 6;

/** Tickets that fit the words typed into the palette. */
export async function search(
  { client, locale }: ScreenContext,
  query: string,
  signal: AbortSignal,
): Promise<SearchHit[]> {
  const { items } = await unwrap(
    client.GET('/api/tickets', { params: { query: { q: query, limit: MAX_HITS } }, signal }),
  );
  return items.map(({ id, number, title, status }) => ({
    id,
    title,
    detail: `#${number} · ${stateWords[locale][status]}`,
    path: `/${id}`,
  }));
}
