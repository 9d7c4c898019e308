/** Which screen an address belongs to. */
import type { Screen } from '@flowbit/api';

export interface Resolved {
  screen: Screen;
  basePath: string;
  /** Under the base path, beginning with a slash. */
  path: string;
}

export function basePathOf(screen: Pick<Screen, 'path'>): string {
  return `/${screen.path.replace(/^\/+|\/+$/g, '')}`;
}

/** The screen with the longest base path that fits; null if none does. */
export function resolveScreen(screens: readonly Screen[], path: string): Resolved | null {
  let best: Resolved | null = null;
  for (const screen of screens) {
    const basePath = basePathOf(screen);
    if (path !== basePath && !path.startsWith(basePath === '/' ? '/' : `${basePath}/`)) continue;
    if (best !== null && best.basePath.length >= basePath.length) continue;
    const rest = basePath === '/' ? path : path.slice(basePath.length);
    best = { screen, basePath, path: rest || '/' };
  }
  return best;
}

/** A screen's own address made whole: `('/tickets', '/47')`, `('/tickets', '?status=open')`. */
export function hrefWithin(basePath: string, currentPath: string, to: string): string {
  const base = basePath === '/' ? '' : basePath;
  if (to.startsWith('?') || to.startsWith('#')) {
    return `${base}${currentPath === '/' ? '' : currentPath}${to}` || '/';
  }
  const rest = to.startsWith('/') ? to : `/${to}`;
  // The bare base keeps no slash before its query: `/tickets?q=a`, not `/tickets/?q=a`.
  return `${base}${rest.replace(/^\/(?=$|[?#])/, '')}` || '/';
}
