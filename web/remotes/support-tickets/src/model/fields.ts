/** The company's own fields and its tags, as far as this person sees them. */
import { type Field, queryKeys, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { useQuery } from '@tanstack/react-query';

const KEPT_MS = 5 * 60_000;

/** Those in use, in their order. */
export function useFields(): readonly Field[] {
  const { client } = useScreen();
  const { data } = useQuery({
    queryKey: queryKeys.fields,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/fields', { signal }))).items,
    staleTime: KEPT_MS,
  });
  return (data ?? []).filter(({ active }) => active);
}

/** The colours of tags by their names; requesters see none. */
export function useTagColor(tag: string): string | null {
  const { client, can } = useScreen();
  const { data } = useQuery({
    queryKey: queryKeys.tags,
    queryFn: async ({ signal }) => (await unwrap(client.GET('/api/tags', { signal }))).items,
    enabled: can('agent', 'admin'),
    staleTime: KEPT_MS,
    select: (tags) => tags.find(({ name }) => name === tag)?.color ?? null,
  });
  return data ?? null;
}
