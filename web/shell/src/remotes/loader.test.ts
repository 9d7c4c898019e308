import type { ScreenRemote } from '@flowbit/api';
import {
  loadRemote,
  type ModuleFederationRuntimePlugin,
  registerPlugins,
  registerRemotes,
} from '@module-federation/enhanced/runtime';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRemoteLoader, LOAD_TIMEOUT_MS } from './loader';

vi.mock('@module-federation/enhanced/runtime', () => ({
  loadRemote: vi.fn(),
  registerPlugins: vi.fn(),
  registerRemotes: vi.fn(),
}));

const remote: ScreenRemote = { name: 'desk', entry: '/remotes/desk/mf-manifest.json', module: './Tickets' };
const screen = { default: () => null };
const load = vi.mocked(loadRemote);
const register = vi.mocked(registerRemotes);

function registeredEntries() {
  return register.mock.calls.map(([[first]]) => new URL((first as { entry: string }).entry));
}

async function sri(name: string, text: string) {
  const digest = await crypto.subtle.digest(name.replace('sha', 'SHA-'), new TextEncoder().encode(text));
  return `${name}-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

beforeEach(() => {
  vi.resetAllMocks();
  load.mockResolvedValue(screen);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('the loader', () => {
  it('registers a remote once for all its screens, and loads each once', async () => {
    const loader = createRemoteLoader();
    const first = loader.load(remote);
    expect(loader.load(remote)).toBe(first);
    expect(await first).toBe(screen);
    await loader.load({ ...remote, module: './Users' });
    expect(register).toHaveBeenCalledOnce();
    expect(load.mock.calls).toEqual([['desk/Tickets'], ['desk/Users']]);
  });

  it('gives up after eight seconds', async () => {
    vi.useFakeTimers();
    load.mockReturnValue(new Promise(() => {}));
    const refused = expect(createRemoteLoader().load(remote)).rejects.toMatchObject({ reason: 'timeout' });
    await vi.advanceTimersByTimeAsync(LOAD_TIMEOUT_MS);
    await refused;
  });

  it('tries again under another address, and stays there', async () => {
    const loader = createRemoteLoader();
    load.mockRejectedValueOnce(new Error('no manifest'));
    await expect(loader.load(remote)).rejects.toMatchObject({ reason: 'unavailable' });
    expect(await loader.load(remote)).toBe(screen);
    await loader.load({ ...remote, module: './Users' });
    expect(registeredEntries().map(({ search }) => search)).toEqual(['', '?attempt=1']);
    expect(register.mock.lastCall?.[1]).toEqual({ force: true });
  });

  it('counts screens that fail together as one failure', async () => {
    const loader = createRemoteLoader();
    load.mockRejectedValueOnce(new Error('down')).mockRejectedValueOnce(new Error('down'));
    const other = { ...remote, module: './Users' };
    await Promise.allSettled([loader.load(remote), loader.load(other)]);
    await Promise.all([loader.load(remote), loader.load(other)]);
    expect(registeredEntries().map(({ search }) => search)).toEqual(['', '?attempt=1']);
  });

  it('knows a module without a screen, and a program of which a part is gone', async () => {
    const loader = createRemoteLoader();
    load.mockResolvedValueOnce({});
    await expect(loader.load(remote)).rejects.toMatchObject({ reason: 'invalid' });
    const missing = Object.assign(new Error('Loading chunk 7 failed'), { name: 'ChunkLoadError' });
    load.mockRejectedValueOnce(new Error('failed to get', { cause: missing }));
    await expect(loader.load(remote)).rejects.toMatchObject({ reason: 'incomplete' });
    load.mockRejectedValueOnce(Object.assign(new Error('css'), { code: 'CSS_CHUNK_LOAD_FAILED' }));
    await expect(loader.load(remote)).rejects.toMatchObject({ reason: 'incomplete' });
  });
});

describe('a pinned manifest', () => {
  const manifest = '{"id":"desk"}';
  const fetchManifest = vi.fn();

  beforeEach(() => {
    fetchManifest.mockImplementation(async () => new Response(manifest));
    vi.stubGlobal('fetch', fetchManifest);
  });

  function readByRuntime(url: string) {
    const [[plugin]] = vi.mocked(registerPlugins).mock.calls[0] as [[ModuleFederationRuntimePlugin]];
    return plugin.fetch?.(url, {});
  }

  it.each(['sha256', 'sha384', 'sha512'] as const)('is loaded if its %s is right', async (name) => {
    const integrity = await sri(name, manifest);
    expect(await createRemoteLoader().load({ ...remote, integrity })).toBe(screen);
    expect(register).toHaveBeenCalledOnce();
  });

  it('is read by the runtime as it was verified, not fetched anew', async () => {
    const loader = createRemoteLoader();
    await loader.load({ ...remote, integrity: await sri('sha256', manifest) });
    const [url] = registeredEntries();
    const answer = await readByRuntime(url?.href ?? '');
    expect(await (answer as Response).text()).toBe(manifest);
    expect(fetchManifest).toHaveBeenCalledOnce();
    expect(readByRuntime('https://elsewhere.example/mf-manifest.json')).toBeUndefined();
  });

  it.each([
    ['another manifest', `sha256-${btoa('0123456789abcdef0123456789abcdef')}`],
    ['an unknown algorithm', 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk='],
    ['no hash at all', 'approved'],
  ])('is not registered with %s', async (_, integrity) => {
    const loading = createRemoteLoader().load({ ...remote, integrity });
    await expect(loading).rejects.toMatchObject({ reason: 'notApproved' });
    expect(register).not.toHaveBeenCalled();
    expect(load).not.toHaveBeenCalled();
  });

  it('is asked for again after a mismatch', async () => {
    const loader = createRemoteLoader();
    const pinned = { ...remote, integrity: await sri('sha256', manifest) };
    fetchManifest.mockImplementationOnce(async () => new Response('{"id":"evil"}'));
    await expect(loader.load(pinned)).rejects.toMatchObject({ reason: 'notApproved' });
    expect(await loader.load(pinned)).toBe(screen);
  });

  it('that does not come is unavailable, and one that cannot be hashed is not trusted', async () => {
    const pinned = { ...remote, integrity: await sri('sha256', manifest) };
    fetchManifest.mockImplementationOnce(async () => new Response('', { status: 503 }));
    await expect(createRemoteLoader().load(pinned)).rejects.toMatchObject({ reason: 'unavailable' });
    vi.stubGlobal('crypto', {});
    await expect(createRemoteLoader().load(pinned)).rejects.toMatchObject({ reason: 'notVerifiable' });
  });
});
