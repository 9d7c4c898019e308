/**
 * The typed HTTP client.
 *
 * `client.GET('/api/tickets/{id}', …)` is checked against the contract; {@link unwrap} turns its
 * outcome into a value or a thrown {@link ApiError}, which is what queries and mutations want.
 */
import createFetchClient, { type Client } from 'openapi-fetch';
import type { paths } from './contract';
import { errorFromNetwork, errorFromResponse } from './problem';
import { createUpload, type Upload } from './upload';

/** What calls are answered with; where a route has other kinds too, they are read with `parseAs`. */
type Media = 'application/json';

export type ApiClient = Client<paths, Media> & {
  /** Sends a file, with its progress: `upload('/api/attachments?name=…', file)`. */
  upload: Upload;
};

/** Where the client gets its bearer token from, and how it asks for another. */
export interface TokenSource {
  /** The current access token; null when nobody is signed in. */
  getToken(): string | null;
  /** Resolves to a token other than `stale`, or null when the session is over. */
  renewToken(stale: string | null): Promise<string | null>;
}

export interface ClientOptions {
  tokens: TokenSource;
  baseUrl?: string;
  fetch?: typeof globalThis.fetch;
}

function withToken(request: Request, token: string | null): Request {
  if (token === null) return request;
  const headers = new Headers(request.headers);
  headers.set('Authorization', `Bearer ${token}`);
  return new Request(request, { headers });
}

/** A fetch that carries the token and, on 401, renews it once and tries again. */
function createAuthorizedFetch({
  tokens,
  fetch = globalThis.fetch,
}: ClientOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const token = tokens.getToken();
    const response = await fetch(withToken(request.clone(), token)).catch((cause: unknown) => {
      if (request.signal.aborted) throw cause;
      throw errorFromNetwork(cause);
    });
    if (response.status !== 401) return response;
    const renewed = await tokens.renewToken(token);
    if (renewed === null || renewed === token) return response;
    return fetch(withToken(request.clone(), renewed)).catch((cause: unknown) => {
      throw errorFromNetwork(cause);
    });
  };
}

export function createClient(options: ClientOptions): ApiClient {
  const baseUrl = options.baseUrl ?? globalThis.location?.origin ?? '';
  const client = createFetchClient<paths, Media>({ baseUrl, fetch: createAuthorizedFetch(options) });
  return Object.assign(client, { upload: createUpload({ tokens: options.tokens, baseUrl }) });
}

interface Outcome<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The answer's body, or a thrown `ApiError`: `await unwrap(client.GET('/api/me'))`. */
export async function unwrap<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw errorFromResponse(response, error);
  return data as Data;
}
