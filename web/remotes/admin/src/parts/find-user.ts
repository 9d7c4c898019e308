/** People over HTTP: a page of them, and one by id, for which there is no route of its own. */
import { type AdminUser, type ApiClient, type Page, unwrap } from '@flowbit/api';

export interface PageRequest {
  q?: string;
  limit: number;
  cursor: string | null;
  signal?: AbortSignal;
}

export function listUsers(client: ApiClient, { q, limit, cursor, signal }: PageRequest) {
  const query = { limit, ...(q ? { q } : {}), ...(cursor === null ? {} : { cursor }) };
  return unwrap(client.GET('/api/admin/users', { params: { query }, ...(signal ? { signal } : {}) }));
}

/** The most that the server gives at once. */
const LARGEST_PAGE = 100;

/** Looks through the pages until the person is found; null when they are in none. */
export async function findUser(
  client: ApiClient,
  id: string,
  signal: AbortSignal,
): Promise<AdminUser | null> {
  let cursor: string | null = null;
  do {
    const page: Page<AdminUser> = await listUsers(client, { limit: LARGEST_PAGE, cursor, signal });
    const found = page.items.find((user) => user.id === id);
    if (found) return found;
    cursor = page.nextCursor;
  } while (cursor !== null);
  return null;
}
