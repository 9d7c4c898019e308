/**
 * Loads screens at run time.
 *
 * The page learns of its remotes from the server. Loading one may fail or hang without harm to the
 * rest: each load has a deadline, and a failed one can be tried again from scratch. Where the
 * registry pins a manifest, exactly the bytes that were verified are what the runtime gets to read.
 */
import type { ScreenRemote } from '@flowbit/api';
import type { ScreenModule } from '@flowbit/contract';
import { loadRemote, registerPlugins, registerRemotes } from '@module-federation/enhanced/runtime';
import { canHash, hasIntegrity } from './integrity';
import { isMissingChunk } from './missing-chunk';

export type LoadFailure =
  | 'timeout'
  | 'unavailable'
  /** The program is there, but a part of it is not: most likely a newer one took its place. */
  | 'incomplete'
  /** The module holds no screen. */
  | 'invalid'
  /** The manifest is not the one that the registry pins. */
  | 'notApproved'
  /** The registry pins the manifest, and this page has no way to hash it. */
  | 'notVerifiable';

export class RemoteLoadError extends Error {
  override readonly name = 'RemoteLoadError';
  readonly reason: LoadFailure;

  constructor(reason: LoadFailure, remote: ScreenRemote, cause?: unknown) {
    super(`screen program "${remote.name}" (${remote.module}): ${reason}`, { cause });
    this.reason = reason;
  }
}

export interface RemoteLoader {
  /** The module of a screen; the same promise for the same screen until it failed. */
  load(remote: ScreenRemote): Promise<ScreenModule>;
}

export const LOAD_TIMEOUT_MS = 8000;

interface Registration {
  source: string;
  attempt: number;
  hasFailed: boolean;
  /** Resolves when the runtime knows the remote. */
  ready: Promise<void>;
}

function isScreenModule(value: unknown): value is ScreenModule {
  if (typeof value !== 'object' || value === null || !('default' in value)) return false;
  return typeof value.default === 'function' || typeof value.default === 'object';
}

function withDeadline<T>(work: Promise<T>, onTimeout: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(onTimeout()), LOAD_TIMEOUT_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

export function createRemoteLoader(): RemoteLoader {
  const modules = new Map<string, Promise<ScreenModule>>();
  const registrations = new Map<string, Registration>();
  /** Manifests that were verified, by address. */
  const verified = new Map<string, ArrayBuffer>();

  registerPlugins([
    {
      name: 'flowbit-verified-manifests',
      // Fetched anew, a manifest could be another one than was verified a moment ago.
      fetch(url) {
        const bytes = verified.get(url);
        if (bytes !== undefined) return Promise.resolve(new Response(bytes));
      },
    },
  ]);

  async function verify(remote: ScreenRemote, url: string, integrity: string) {
    if (!canHash()) throw new RemoteLoadError('notVerifiable', remote);
    const response = await fetch(url, { cache: 'no-cache' });
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    const bytes = await response.arrayBuffer();
    if (!(await hasIntegrity(bytes, integrity))) throw new RemoteLoadError('notApproved', remote);
    verified.set(url, bytes);
  }

  async function announce(remote: ScreenRemote, attempt: number, isKnown: boolean) {
    const url = new URL(remote.entry, window.location.origin);
    // The runtime keeps a failed manifest under its address: another address is another try.
    if (attempt > 0) url.searchParams.set('attempt', String(attempt));
    if (remote.integrity) await verify(remote, url.href, remote.integrity);
    registerRemotes([{ name: remote.name, entry: url.href }], { force: isKnown });
  }

  function register(remote: ScreenRemote): Registration {
    const known = registrations.get(remote.name);
    const source = `${remote.entry}|${remote.integrity ?? ''}`;
    if (known?.source === source && !known.hasFailed) return known;
    const attempt = known === undefined ? 0 : known.attempt + 1;
    const ready = announce(remote, attempt, known !== undefined);
    const registration = { source, attempt, hasFailed: false, ready };
    registrations.set(remote.name, registration);
    return registration;
  }

  async function loadOnce(remote: ScreenRemote): Promise<ScreenModule> {
    const registration = register(remote);
    const id = `${remote.name}/${remote.module.replace(/^\.\//, '')}`;
    try {
      const loaded = await withDeadline(
        registration.ready.then(() => loadRemote<unknown>(id)),
        () => new RemoteLoadError('timeout', remote),
      );
      if (!isScreenModule(loaded)) throw new RemoteLoadError('invalid', remote);
      return loaded;
    } catch (cause) {
      registration.hasFailed = true;
      if (cause instanceof RemoteLoadError) throw cause;
      throw new RemoteLoadError(isMissingChunk(cause) ? 'incomplete' : 'unavailable', remote, cause);
    }
  }

  return {
    load(remote) {
      const key = `${remote.name}|${remote.entry}|${remote.integrity ?? ''}|${remote.module}`;
      const known = modules.get(key);
      if (known) return known;
      const loading = loadOnce(remote);
      modules.set(key, loading);
      loading.catch(() => modules.delete(key));
      return loading;
    },
  };
}
