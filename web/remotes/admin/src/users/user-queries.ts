/** Reading and changing the people of the company. */
import { type AdminUser, type Page, queryKeys, type Role, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  type InfiniteData,
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { findUser, listUsers } from '../parts/find-user';

const PAGE_SIZE = 50;
export function useUserList(q: string) {
  const { client } = useScreen();
  return useInfiniteQuery({
    queryKey: queryKeys.admin.userList(q === '' ? {} : { q }),
    queryFn: ({ pageParam, signal }) => listUsers(client, { q, limit: PAGE_SIZE, cursor: pageParam, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
}

/** One person: from the list if they stand in it, else looked for page by page. */
export function useUser(id: string, listed: AdminUser | undefined) {
  const { client } = useScreen();
  const query = useQuery({
    queryKey: [...queryKeys.admin.users, 'one', id],
    enabled: listed === undefined,
    queryFn: ({ signal }) => findUser(client, id, signal),
  });
  return { ...query, user: listed ?? query.data };
}

type Cached = InfiniteData<Page<AdminUser>> | AdminUser | null | undefined;

/** Puts a changed person into whatever answers are cached. */
function replaceUser(cached: Cached, user: AdminUser): Cached {
  if (!cached) return cached;
  if ('id' in cached) return cached.id === user.id ? user : cached;
  return {
    ...cached,
    pages: cached.pages.map((page) => ({
      ...page,
      items: page.items.map((item) => (item.id === user.id ? user : item)),
    })),
  };
}

function keepUser(queryClient: QueryClient, user: AdminUser) {
  queryClient.setQueriesData<Cached>({ queryKey: queryKeys.admin.users }, (cached) =>
    replaceUser(cached, user),
  );
}

export interface NewUser {
  email: string;
  name: string;
  role: Role;
  password?: string;
}

export type UserPatch = { name?: string; role?: Role; active?: boolean };

export function useUserChanges() {
  const { client } = useScreen();
  const queryClient = useQueryClient();
  const refresh = () => queryClient.invalidateQueries({ queryKey: queryKeys.admin.users });
  return {
    async create(user: NewUser) {
      const created = await unwrap(client.POST('/api/admin/users', { body: user }));
      void refresh();
      return created;
    },
    async update(id: string, patch: UserPatch) {
      const call = client.PATCH('/api/admin/users/{id}', { params: { path: { id } }, body: patch });
      keepUser(queryClient, await unwrap(call));
      void refresh();
    },
    async setAway(user: AdminUser, outOfOffice: boolean) {
      const params = { path: { id: user.id } };
      const call = client.PATCH('/api/admin/users/{id}/availability', { params, body: { outOfOffice } });
      keepUser(queryClient, { ...user, ...(await unwrap(call)) });
      void refresh();
    },
    async invite(id: string) {
      const call = client.POST('/api/admin/users/{id}/invitation', { params: { path: { id } } });
      const invitation = await unwrap(call);
      void refresh();
      return invitation;
    },
  };
}
