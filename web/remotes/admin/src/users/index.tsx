/** `./Users`: the people of the company, and the palette's way to them. */
import type { Command, ScreenContext, SearchHit } from '@flowbit/contract';
import { listUsers } from '../parts/find-user';

export { UsersScreen as default } from './users-screen';

const ADD = {
  en: { label: 'Add a person', keywords: ['invite', 'user', 'colleague'] },
  de: { label: 'Person hinzufügen', keywords: ['einladen', 'Benutzer', 'Kollegin'] },
};

export function commands({ locale, navigate }: ScreenContext): Command[] {
  return [{ id: 'add', icon: 'user-plus', run: () => navigate('/new'), ...ADD[locale] }];
}

const HITS = 5;

export async function search(
  { client }: ScreenContext,
  query: string,
  signal: AbortSignal,
): Promise<SearchHit[]> {
  const page = await listUsers(client, { q: query, limit: HITS, cursor: null, signal });
  return page.items.map((user) => ({
    id: user.id,
    title: user.name,
    detail: user.email,
    icon: 'user',
    path: `/${user.id}`,
  }));
}
