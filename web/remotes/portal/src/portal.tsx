/** The requester's own screen: what the shell loads, and what it offers to the palette. */
import { unwrap } from '@flowbit/api';
import type { Command, ScreenContext, SearchHit } from '@flowbit/contract';
import { statusWords } from './model/status';

export { PortalScreen as default } from './portal-screen';

const CREATE = { en: 'New request', de: 'Neue Anfrage' };
const CREATE_KEYWORDS = {
  en: ['ticket', 'raise', 'ask', 'help'],
  de: ['ticket', 'stellen', 'fragen', 'hilfe'],
};

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

/** One's own requests that fit the words typed into the palette. */
export async function search(
  { client, locale, user }: ScreenContext,
  typed: string,
  signal: AbortSignal,
): Promise<SearchHit[]> {
  const query = { q: typed, requesterId: user.id, limit: MAX_HITS };
  const { items } = await unwrap(client.GET('/api/tickets', { params: { query }, signal }));
  return items.map(({ id, number, title, status }) => ({
    id,
    title,
    detail: `#${number} · ${statusWords[locale][status]}`,
    path: `/${id}`,
  }));
}
