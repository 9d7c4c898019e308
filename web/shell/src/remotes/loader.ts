/**
 * Loads screens at run time.
 *
 * The page learns of its remotes from the server. Loading one may fail or hang without harm to the
 * rest: each load has a deadline, and a failed one can be tried again from scratch.
 */
import type { ScreenRemote } from '@flowbit/api';
import type { ScreenModule } from '@flowbit/contract';
import { loadRemote, registerRemotes } from '@module-federation/enhanced/runtime';

export class RemoteLoadError extends Error {
  override readonly name = 'RemoteLoadError';
  readonly reason: 'timeout' | 'unavailable' | 'invalid';

  constructor(reason: RemoteLoadError['reason'], remote: ScreenRemote, cause?: unknown) {
    super(`screen program "${remote.name}" (${remote.module}): ${reason}`, { cause });
    this.reason = reason;
  }
}

export interface RemoteLoader {
  /** The module of a screen; the same promise for the same screen until it failed. */
  load(remote: ScreenRemote): Promise<ScreenModule>;
}

export const LOAD_TIMEOUT_MS = 8000;

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
  /** By remote: what was registered, and how often it failed since. */
  const registered = new Map<string, { entry: string; failures: number }>();

  function register(remote: ScreenRemote) {
    const known = registered.get(remote.name);
    const failures = known?.failures ?? 0;
    if (known?.entry === remote.entry && failures === 0) return;
    const url = new URL(remote.entry, window.location.origin);
    // The runtime keeps a failed manifest under its address: another address is another try.
    if (failures > 0) url.searchParams.set('attempt', String(failures));
    registerRemotes([{ name: remote.name, entry: url.href }], { force: known !== undefined });
    registered.set(remote.name, { entry: remote.entry, failures });
  }

  async function loadOnce(remote: ScreenRemote): Promise<ScreenModule> {
    register(remote);
    const id = `${remote.name}/${remote.module.replace(/^\.\//, '')}`;
    const loaded = await withDeadline(
      loadRemote<unknown>(id),
      () => new RemoteLoadError('timeout', remote),
    ).catch((cause: unknown) => {
      if (cause instanceof RemoteLoadError) throw cause;
      throw new RemoteLoadError('unavailable', remote, cause);
    });
    if (!isScreenModule(loaded)) throw new RemoteLoadError('invalid', remote);
    return loaded;
  }

  return {
    load(remote) {
      const key = `${remote.name}|${remote.entry}|${remote.module}`;
      const known = modules.get(key);
      if (known) return known;
      const loading = loadOnce(remote);
      modules.set(key, loading);
      loading.catch(() => {
        modules.delete(key);
        const entry = registered.get(remote.name);
        if (entry) entry.failures += 1;
      });
      return loading;
    },
  };
}
