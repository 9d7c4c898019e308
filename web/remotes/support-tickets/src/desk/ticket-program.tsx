/**
 * An open ticket is a program of its own: the list does not wait for it. It is there by the time a ticket is opened,
 * since it is asked for at the first sign that somebody is at the desk.
 */
import { ErrorState } from '@flowbit/ui';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { TicketColumnProps } from './ticket-column';
import { TicketSkeleton } from './ticket-skeleton';

const program = queryOptions({
  queryKey: ['program', 'ticket'],
  queryFn: () => import('./ticket-column'),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  // It is a module, and nothing to compare.
  structuralSharing: false,
});

const SIGNS = ['pointermove', 'touchstart', 'keydown'] as const;

/** Asks for it once somebody moves. */
export function useEarlyTicketProgram(): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    const settled = new AbortController();
    const ask = () => {
      settled.abort();
      void queryClient.prefetchQuery(program);
    };
    for (const sign of SIGNS) {
      window.addEventListener(sign, ask, { passive: true, capture: true, signal: settled.signal });
    }
    return () => settled.abort();
  }, [queryClient]);
}

export function TicketProgram(props: TicketColumnProps) {
  const { data, isError, error, refetch } = useQuery(program);
  if (data) return <data.TicketColumn {...props} />;
  if (isError) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <TicketSkeleton hasSide={props.hasSide && !props.isSingle} />;
}
