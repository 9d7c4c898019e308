/** Reading and changing endpoints. There are at most fifty, so one page holds them all. */
import { type CreateEndpoint, queryKeys, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { EndpointPatch } from './endpoint-state';

const ALL = 100;
/** Failed attempts are no events of the ledger: how an endpoint fares is asked for. */
const PAUSE_MS = 10_000;

export function useEndpoints() {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.admin.endpoints,
    queryFn: async ({ signal }) => {
      const call = client.GET('/api/admin/endpoints', { params: { query: { limit: ALL } }, signal });
      return (await unwrap(call)).items;
    },
    refetchInterval: PAUSE_MS,
  });
}

export function useEndpointChanges() {
  const { client } = useScreen();
  const queryClient = useQueryClient();

  async function refreshAfter<T>(call: Promise<T>): Promise<T> {
    const result = await call;
    await queryClient.invalidateQueries({ queryKey: queryKeys.admin.endpoints });
    return result;
  }

  const at = (id: string) => ({ params: { path: { id } } });
  return {
    create: (body: CreateEndpoint) => refreshAfter(unwrap(client.POST('/api/admin/endpoints', { body }))),
    update: (id: string, body: EndpointPatch & { active?: boolean }) =>
      refreshAfter(unwrap(client.PATCH('/api/admin/endpoints/{id}', { ...at(id), body }))),
    remove: (id: string) => refreshAfter(unwrap(client.DELETE('/api/admin/endpoints/{id}', at(id)))),
    rotate: (id: string) =>
      refreshAfter(unwrap(client.POST('/api/admin/endpoints/{id}/rotate-secret', at(id)))),
    test: (id: string) => refreshAfter(unwrap(client.POST('/api/admin/endpoints/{id}/test', at(id)))),
  };
}
