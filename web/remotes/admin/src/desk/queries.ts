/** Reading and changing macros, teams, fields, tags and settings. */
import {
  type CompanySettings,
  type CreateField,
  type CreateMacro,
  type CreateTeam,
  type FieldPatch,
  queryKeys,
  type TeamPatch,
  unwrap,
} from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';

export function useMacros() {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.macros.all,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/macros', { signal }))).items,
  });
}

export function useFields() {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.fields,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/fields', { signal }))).items,
  });
}

export function useTags() {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.tags,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/tags', { signal }))).items,
  });
}

export function useTeams() {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.teams,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/teams', { signal }))).items,
  });
}

export function useAssignees() {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.assignees,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/assignees', { signal }))).items,
  });
}

export function useSettings() {
  const { client } = useScreen();
  return useQuery({
    queryKey: queryKeys.admin.settings,
    queryFn: ({ signal }) => unwrap(client.GET('/api/admin/settings', { signal })),
  });
}

export function useDeskChanges() {
  const { client } = useScreen();
  const queryClient = useQueryClient();

  async function refreshAfter<T>(queryKey: QueryKey, call: Promise<T>): Promise<T> {
    const result = await call;
    await queryClient.invalidateQueries({ queryKey });
    return result;
  }

  const at = (id: string) => ({ params: { path: { id } } });
  const { macros, fields, tags, teams, admin } = queryKeys;
  return {
    createMacro: (body: CreateMacro) =>
      refreshAfter(macros.all, unwrap(client.POST('/api/macros', { body }))),
    updateMacro: (id: string, version: number, { shared: _, ...body }: CreateMacro) =>
      refreshAfter(
        macros.all,
        unwrap(
          client.PATCH('/api/macros/{id}', {
            ...at(id),
            body: {
              name: body.name,
              body: body.body ?? '',
              internal: body.internal ?? false,
              ...(body.actions ? { actions: body.actions } : {}),
              version,
            },
          }),
        ),
      ),
    deleteMacro: (id: string) => refreshAfter(macros.all, unwrap(client.DELETE('/api/macros/{id}', at(id)))),
    createTeam: (body: CreateTeam) => refreshAfter(teams, unwrap(client.POST('/api/admin/teams', { body }))),
    updateTeam: (id: string, body: TeamPatch) =>
      refreshAfter(teams, unwrap(client.PATCH('/api/admin/teams/{id}', { ...at(id), body }))),
    deleteTeam: (id: string) => refreshAfter(teams, unwrap(client.DELETE('/api/admin/teams/{id}', at(id)))),
    createField: (body: CreateField) =>
      refreshAfter(fields, unwrap(client.POST('/api/admin/fields', { body }))),
    updateField: (id: string, body: FieldPatch) =>
      refreshAfter(fields, unwrap(client.PATCH('/api/admin/fields/{id}', { ...at(id), body }))),
    updateSettings: (body: CompanySettings) =>
      refreshAfter(admin.settings, unwrap(client.PATCH('/api/admin/settings', { body }))),
    colorTag: (name: string, color: string | null) =>
      refreshAfter(tags, unwrap(client.PATCH('/api/admin/tags', { body: { name, color } }))),
    moveTag: (from: string, to: string | null, merge: boolean) =>
      refreshAfter(tags, unwrap(client.POST('/api/admin/tags/moves', { body: { from, to, merge } }))),
  };
}
