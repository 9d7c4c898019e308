import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClient, unwrap } from './client';
import { isApiError } from './problem';
import { createSession, type Session, type SessionHint } from './session';

function body(token: string, userId = 'u1') {
  return {
    accessToken: token,
    tokenType: 'Bearer',
    expiresIn: 900,
    user: { id: userId, email: 'a@b.c', name: 'Anna', role: 'agent', customerId: 'c1' },
    customer: { id: 'c1', slug: 'c', name: 'C', locale: 'en', accentColor: '#3b5bdb' },
  };
}

function json(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), { status, headers: { 'Content-Type': 'application/json' } });
}

const problem = (status: number, code: string) =>
  json(status, { type: 'about:blank', title: code, status, code, requestId: 'r1' });

function createHint(isSignedIn: boolean): SessionHint {
  return {
    get: () => isSignedIn,
    set: (is) => {
      isSignedIn = is;
    },
  };
}

let session: Session | undefined;
afterEach(() => session?.dispose());

const baseUrl = 'http://desk.example';

describe('the session', () => {
  it('renews once for many requests that fail together', async () => {
    let renewals = 0;
    const fetch = vi.fn(async (input: RequestInfo | URL) => {
      const url = input instanceof Request ? input.url : String(input);
      if (url.endsWith('/api/auth/refresh')) {
        renewals += 1;
        return json(200, body(`token-${renewals}`));
      }
      const token = input instanceof Request ? input.headers.get('authorization') : null;
      return token === 'Bearer token-2' ? json(200, { items: [] }) : problem(401, 'unauthorized');
    });
    session = createSession({ baseUrl, fetch });
    await session.restore();
    const client = createClient({ baseUrl, tokens: session, fetch });
    await Promise.all([1, 2, 3, 4].map(() => unwrap(client.GET('/api/assignees'))));
    expect(renewals).toBe(2);
  });

  it('sends a body again after the renewal', async () => {
    const bodies: string[] = [];
    const fetch = vi.fn(async (input: RequestInfo | URL) => {
      if (!(input instanceof Request)) return json(200, body(bodies.length === 0 ? 'old' : 'new'));
      bodies.push(await input.text());
      return input.headers.get('authorization') === 'Bearer new'
        ? json(201, {})
        : problem(401, 'unauthorized');
    });
    session = createSession({ baseUrl, fetch });
    await session.restore();
    const client = createClient({ baseUrl, tokens: session, fetch });
    await unwrap(client.POST('/api/tickets', { body: { title: 'Pallet 7' } }));
    expect(bodies).toEqual(['{"title":"Pallet 7"}', '{"title":"Pallet 7"}']);
  });

  it('ends when the server refuses the cookie, and not when the line is broken', async () => {
    let refuse: () => Promise<Response> = async () => json(200, body('a'));
    session = createSession({ baseUrl, fetch: () => refuse() });
    await session.restore();
    refuse = () => Promise.reject(new TypeError('network'));
    await expect(session.renewToken('a')).rejects.toSatisfy((error) => isApiError(error, 'offline'));
    expect(session.getState().status).toBe('signedIn');
    refuse = async () => problem(401, 'unauthorized');
    expect(await session.renewToken('a')).toBeNull();
    expect(session.getState()).toEqual({ status: 'signedOut', reason: 'expired', email: 'a@b.c' });
  });

  it('says so when the cookie has become another person’s', async () => {
    let userId = 'u1';
    const onIdentityChanged = vi.fn();
    session = createSession({ baseUrl, fetch: async () => json(200, body('t', userId)), onIdentityChanged });
    await session.restore();
    userId = 'u2';
    await session.renewToken('t');
    expect(onIdentityChanged).toHaveBeenCalledOnce();
  });

  it('asks the server on a first visit for nothing', async () => {
    const hint = createHint(false);
    const fetch = vi.fn(async () => json(200, body('t')));
    session = createSession({ baseUrl, fetch, hint });
    await session.restore();
    expect(fetch).not.toHaveBeenCalled();
    expect(session.getState()).toEqual({ status: 'signedOut', reason: 'none' });

    await session.signIn({ email: 'a@b.c', password: 'x' });
    expect(hint.get()).toBe(true);
    await session.signOut();
    expect(hint.get()).toBe(false);
  });

  it('forgets that somebody had signed in once the server refuses, and only then', async () => {
    const hint = createHint(true);
    let answer: () => Promise<Response> = () => Promise.reject(new TypeError('network'));
    session = createSession({ baseUrl, fetch: () => answer(), hint });
    await expect(session.restore()).rejects.toSatisfy((error) => isApiError(error, 'offline'));
    expect(hint.get()).toBe(true);
    answer = async () => problem(401, 'unauthorized');
    await session.restore();
    expect(hint.get()).toBe(false);
  });

  it('follows the other tabs out and in again', async () => {
    const hint = createHint(false);
    const fetch = async () => json(200, body('t'));
    const tabs = [new BroadcastChannel('tabs'), new BroadcastChannel('tabs')] as const;
    const other = createSession({ baseUrl, fetch, hint, channel: tabs[0] });
    session = createSession({ baseUrl, fetch, hint, channel: tabs[1] });
    await session.restore();
    await other.signIn({ email: 'a@b.c', password: 'x' });
    await vi.waitFor(() => expect(session?.getState().status).toBe('signedIn'));
    await other.signOut();
    await vi.waitFor(() => expect(session?.getState()).toEqual({ status: 'signedOut', reason: 'signedOut' }));
    other.dispose();
    for (const tab of tabs) tab.close();
  });

  it('leaves although the server cannot be told', async () => {
    let isUp = true;
    session = createSession({
      baseUrl,
      fetch: async () => (isUp ? json(200, body('t')) : Promise.reject(new TypeError('network'))),
    });
    await session.restore();
    isUp = false;
    await session.signOut().catch(() => {});
    expect(session.getToken()).toBeNull();
    expect(session.getState().status).toBe('signedOut');
  });
});
