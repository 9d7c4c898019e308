/**
 * The page's address.
 *
 * The shell owns the history. Which screen shows is decided by the longest base path that fits;
 * the rest of the address is the screen's own.
 */
import type { NavigateOptions } from '@flowbit/contract';

export interface Address {
  path: string;
  /** With its `?`, or empty. */
  search: string;
  hash: string;
}

export interface Router {
  getAddress(): Address;
  subscribe(listener: () => void): () => void;
  navigate(to: string, options?: NavigateOptions): void;
  /** Asked before the address changes; false stays. One at a time. */
  setGuard(guard: (() => boolean) | null): void;
}

function readAddress(): Address {
  const { pathname, search, hash } = window.location;
  return { path: pathname.replace(/\/+$/, '') || '/', search, hash };
}

export function createRouter(): Router {
  const listeners = new Set<() => void>();
  let address = readAddress();
  let guard: (() => boolean) | null = null;

  function update() {
    address = readAddress();
    for (const listener of listeners) listener();
  }

  function navigate(to: string, { replace = false, keepScroll = false }: NavigateOptions = {}) {
    const url = new URL(to, window.location.href);
    if (url.origin !== window.location.origin) {
      window.location.assign(url);
      return;
    }
    if (url.href === window.location.href) return;
    const leavesPath = url.pathname !== window.location.pathname;
    if (leavesPath && guard !== null && !guard()) return;
    window.history[replace ? 'replaceState' : 'pushState'](null, '', url);
    update();
    if (leavesPath && !keepScroll) document.getElementById('main')?.scrollTo(0, 0);
  }

  /** Plain links are followed without loading the page anew, in every screen alike. */
  function onClick(event: MouseEvent) {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    if ((link.target !== '' && link.target !== '_self') || link.hasAttribute('download')) return;
    if (link.origin !== window.location.origin) return;
    // These belong to the server, not to a screen.
    if (/^\/(api|webhook|remotes|socket\.io|\.well-known)(\/|$)/.test(link.pathname)) return;
    if (link.pathname === window.location.pathname && link.search === window.location.search && link.hash)
      return;
    event.preventDefault();
    navigate(link.href);
  }

  window.addEventListener('popstate', update);
  document.addEventListener('click', onClick);

  return {
    getAddress: () => address,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    navigate,
    setGuard(next) {
      guard = next;
    },
  };
}
