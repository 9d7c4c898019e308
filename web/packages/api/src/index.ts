/** The client side of the HTTP contract: types, calls, session, cache keys and live events. */
export { type ApiClient, createClient, unwrap } from './client';
export { createInvalidator } from './invalidation';
export {
  type ConnectionState,
  createLedgerFollower,
  type EventFilter,
  type EventHandler,
  type LiveEvents,
} from './live';
export type * from './models';
export { ApiError, errorFromNetwork, isApiError } from './problem';
export { createQueryClient } from './query-client';
export { queryKeys } from './query-keys';
export { readHistory, readMessages } from './read-whole';
export { createSession, type Session, type SessionHint, type SessionState } from './session';
export type { Upload, UploadOptions } from './upload';
