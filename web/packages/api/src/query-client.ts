/** The query cache's manners: fresh by events rather than by polling, patient only where it helps. */
import { QueryClient } from '@tanstack/react-query';
import { isApiError } from './problem';

const MAX_RETRIES = 2;

/** A refusal stays a refusal; only what may pass by itself is tried again. */
function shouldRetry(failures: number, error: unknown): boolean {
  return failures < MAX_RETRIES && isApiError(error) && error.isTransient && error.code !== 'rate_limited';
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Live events mark answers as stale; this only bounds what a missed one could do.
        staleTime: 60_000,
        gcTime: 10 * 60_000,
        retry: shouldRetry,
        retryDelay: (attempt) => Math.min(4000, 400 * 2 ** attempt) * (0.75 + Math.random() / 2),
        refetchOnWindowFocus: true,
        refetchOnReconnect: true,
        networkMode: 'online',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
