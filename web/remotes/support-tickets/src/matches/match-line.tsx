/** The line beneath a ticket that was found: where the words stand. Empty until that is known, and if it never is. */
import { queryKeys } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { ExcerptLine } from '@flowbit/ui';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { beginNear, excerptOf, loadMatch } from './excerpt';

/** So many characters stand before the words where there is little room. */
const NARROW_LEAD = 16;

export interface MatchLineProps {
  ticketId: string;
  /** What is searched for. */
  q: string;
  isWide: boolean;
}

export function MatchLine({ ticketId, q, isWide }: MatchLineProps) {
  const { client, locale } = useScreen();
  const { data } = useQuery({
    queryKey: queryKeys.tickets.match(ticketId, q),
    queryFn: ({ signal }) => loadMatch(client, q, ticketId, signal),
    retry: false,
    // While one types, what was found before stays.
    placeholderData: keepPreviousData,
  });
  const excerpt = excerptOf(data ?? null, locale);
  return excerpt && <ExcerptLine {...(isWide ? excerpt : beginNear(excerpt, NARROW_LEAD))} />;
}
