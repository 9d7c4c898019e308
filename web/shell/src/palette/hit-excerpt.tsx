/** The line beneath what a screen found: where the words stand. Empty until that is known, and if it never is. */
import { ExcerptLine } from '@flowbit/ui';
import { useQuery } from '@tanstack/react-query';
import type { PaletteEntry } from './filter-entries';

interface HitExcerptProps {
  id: string;
  excerpt: NonNullable<PaletteEntry['excerpt']>;
}

export function HitExcerpt({ id, excerpt: { query, find } }: HitExcerptProps) {
  const { data } = useQuery({
    queryKey: ['shell', 'excerpt', id, query],
    queryFn: ({ signal }) => find(signal),
    staleTime: 10_000,
    retry: false,
  });
  return data && <ExcerptLine {...data} />;
}
