/** Whether oneself is out of office, as everybody who works on tickets sees it. */
import { type OutOfOffice, queryKeys, type SessionUser, unwrap } from '@flowbit/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useServices } from '../app/services';

export interface OwnAvailability {
  /** Who only raises tickets has none to set. */
  isPossible: boolean;
  /** Null while one is there. */
  away: OutOfOffice | null;
  set(outOfOffice: boolean, until: string | null): Promise<void>;
}

export function useAvailability(user: SessionUser): OwnAvailability {
  const { client } = useServices();
  const queryClient = useQueryClient();
  const isPossible = user.role !== 'user';
  const { data: people } = useQuery({
    queryKey: queryKeys.assignees,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/assignees', { signal }))).items,
    enabled: isPossible,
    staleTime: 5 * 60_000,
  });
  const said = people?.find(({ id }) => id === user.id)?.outOfOffice ?? null;
  const isOver = said?.until != null && Date.parse(said.until) <= Date.now();
  return {
    isPossible,
    away: isOver ? null : said,
    async set(outOfOffice, until) {
      await unwrap(client.PATCH('/api/me/availability', { body: { outOfOffice, until } }));
      await queryClient.invalidateQueries({ queryKey: queryKeys.assignees });
    },
  };
}
