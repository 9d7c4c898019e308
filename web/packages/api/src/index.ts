/** The client side of the HTTP contract: types, calls, session, cache keys and live events. */
export {
  type ApiClient,
  type ClientOptions,
  createAuthorizedFetch,
  createClient,
  type TokenSource,
  unwrap,
} from './client';
export { createInvalidator, staleKeys } from './invalidation';
export {
  type ConnectionState,
  createLedgerFollower,
  type EventFilter,
  type EventHandler,
  type LedgerFollower,
  type LedgerPage,
  type LiveEvents,
} from './live';
export type * from './models';
export { ApiError, errorFromNetwork, errorFromResponse, isApiError } from './problem';
export { createQueryClient } from './query-client';
export { queryKeys } from './query-keys';
export {
  createSession,
  type Session,
  type SessionHint,
  type SessionOptions,
  type SessionState,
} from './session';
