/**
 * Who is signed in.
 *
 * The access token lives in this closure only; the refresh cookie is HttpOnly and never seen here.
 * A refresh token that is used twice revokes its session, so renewals are single-flight within the
 * page and, by a Web Lock, across the tabs that share the cookie.
 */
import type { TokenSource } from './client';
import type { Customer, SessionBody, SessionUser } from './models';
import { type ApiError, errorFromNetwork, errorFromResponse, isApiError } from './problem';

export type SessionState =
  /** Not known yet: the cookie has not been tried. */
  | { status: 'unknown' }
  | { status: 'signedOut'; reason: 'none' | 'signedOut' }
  /** Against their will: whose it was is still known, so that they need not say it again. */
  | { status: 'signedOut'; reason: 'expired'; email: string }
  | { status: 'signedIn'; user: SessionUser; customer: Customer };

export interface Session extends TokenSource {
  getState(): SessionState;
  subscribe(listener: () => void): () => void;
  /**
   * Tries the refresh cookie if there may be one; call once at start. Throws only if the server
   * can't be reached.
   */
  restore(): Promise<void>;
  signIn(credentials: { email: string; password: string; tenant?: string }): Promise<void>;
  acceptInvitation(invitation: { token: string; password: string }): Promise<void>;
  /** Ends the session on the server and in every tab. */
  signOut(): Promise<void>;
  dispose(): void;
}

/**
 * Remembers, for all tabs, that somebody has signed in here. The cookie itself can't be seen; with
 * this a first visit need not be refused by the server to know that nobody has.
 */
export interface SessionHint {
  get(): boolean;
  set(isSignedIn: boolean): void;
}

export interface SessionOptions {
  baseUrl?: string;
  fetch?: typeof globalThis.fetch;
  /** Absent where the browser has none; the page then renews without asking other tabs. */
  locks?: Pick<LockManager, 'request'> | undefined;
  channel?: BroadcastChannel | undefined;
  /** Without it the cookie is always tried. */
  hint?: SessionHint;
  /** Called when another person or company has signed in in another tab: the page must reload. */
  onIdentityChanged?: () => void;
}

type TabMessage = { kind: 'signedOut' } | { kind: 'signedIn'; userId: string; customerId: string };

const LOCK = 'flowbit-session-renewal';
/** Renewed this long before it runs out, so that no request has to fail first. */
const RENEW_AHEAD_SECONDS = 60;
/** After a renewal that found no server. */
const RETRY_SECONDS = 15;

export function createSession(options: SessionOptions = {}): Session {
  const { fetch = globalThis.fetch.bind(globalThis), locks, channel, hint, onIdentityChanged } = options;
  const baseUrl = options.baseUrl ?? globalThis.location?.origin ?? '';
  const listeners = new Set<() => void>();
  let state: SessionState = { status: 'unknown' };
  let token: string | null = null;
  let renewal: Promise<string | null> | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function setState(next: SessionState) {
    state = next;
    for (const listener of listeners) listener();
  }

  function schedule(seconds: number) {
    clearTimeout(timer);
    timer = setTimeout(() => {
      void renewToken(token).catch(() => schedule(RETRY_SECONDS));
    }, seconds * 1000);
  }

  function isSamePerson(body: SessionBody): boolean {
    return (
      state.status !== 'signedIn' ||
      (state.user.id === body.user.id && state.customer.id === body.customer.id)
    );
  }

  function enter(body: SessionBody) {
    const changed = !isSamePerson(body);
    hint?.set(true);
    token = body.accessToken;
    schedule(Math.max(5, body.expiresIn - Math.min(RENEW_AHEAD_SECONDS, body.expiresIn / 3)));
    if (changed) {
      onIdentityChanged?.();
      return;
    }
    setState({ status: 'signedIn', user: body.user, customer: body.customer });
  }

  function forgetToken() {
    token = null;
    clearTimeout(timer);
  }

  function leave(reason: 'none' | 'signedOut') {
    forgetToken();
    setState({ status: 'signedOut', reason });
  }

  function expire() {
    if (state.status !== 'signedIn') {
      leave('none');
      return;
    }
    forgetToken();
    setState({ status: 'signedOut', reason: 'expired', email: state.user.email });
  }

  function announce(message: TabMessage) {
    channel?.postMessage(message);
  }

  async function post(path: string, body?: object): Promise<SessionBody | null> {
    const init: RequestInit = { method: 'POST', credentials: 'same-origin' };
    if (body) {
      init.headers = { 'Content-Type': 'application/json' };
      init.body = JSON.stringify(body);
    }
    const response = await fetch(`${baseUrl}${path}`, init).catch((cause: unknown) => {
      throw errorFromNetwork(cause);
    });
    const parsed: unknown = response.status === 204 ? null : await response.json().catch(() => null);
    if (!response.ok) throw errorFromResponse(response, parsed);
    return parsed as SessionBody | null;
  }

  async function refreshOnce(): Promise<string | null> {
    try {
      const body = await post('/api/auth/refresh');
      if (body) enter(body);
    } catch (error) {
      // Only the server's own "no" ends a session; a broken line or server does not.
      if (!isApiError(error) || (error as ApiError).status !== 401) throw error;
      hint?.set(false);
      expire();
    }
    return token;
  }

  async function underLock(run: () => Promise<string | null>): Promise<string | null> {
    return locks ? await locks.request(LOCK, run) : await run();
  }

  function renewToken(stale: string | null): Promise<string | null> {
    if (token !== null && token !== stale) return Promise.resolve(token);
    if (state.status === 'signedOut') return Promise.resolve(null);
    renewal ??= underLock(refreshOnce).finally(() => {
      renewal = null;
    });
    return renewal;
  }

  async function open(path: string, body: object) {
    const answer = await post(path, body);
    if (!answer) return;
    enter(answer);
    announce({ kind: 'signedIn', userId: answer.user.id, customerId: answer.customer.id });
  }

  function onMessage({ data }: MessageEvent<TabMessage>) {
    if (data.kind === 'signedOut') {
      if (state.status === 'signedIn') leave('signedOut');
    } else if (state.status === 'signedIn') {
      if (state.user.id !== data.userId || state.customer.id !== data.customerId) onIdentityChanged?.();
    } else if (state.status === 'signedOut') {
      // The cookie is good again: this tab follows.
      state = { status: 'unknown' };
      void renewToken(null).catch(() => leave('none'));
    }
  }
  channel?.addEventListener('message', onMessage);

  return {
    getToken: () => token,
    renewToken,
    getState: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async restore() {
      if (hint?.get() === false) leave('none');
      else await renewToken(null);
    },
    signIn: (credentials) => open('/api/auth/login', credentials),
    acceptInvitation: (invitation) => open('/api/auth/accept-invitation', invitation),
    async signOut() {
      // The server is told first, while the cookie is known good; the person leaves either way.
      try {
        await fetch(`${baseUrl}/api/auth/logout`, {
          method: 'POST',
          credentials: 'same-origin',
          headers: token === null ? {} : { Authorization: `Bearer ${token}` },
        });
      } finally {
        hint?.set(false);
        leave('signedOut');
        announce({ kind: 'signedOut' });
      }
    },
    dispose() {
      clearTimeout(timer);
      channel?.removeEventListener('message', onMessage);
      listeners.clear();
    },
  };
}
