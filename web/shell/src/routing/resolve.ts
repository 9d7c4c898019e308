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

/** Modules that show the same things under the same paths: those who have not the one may have another. */
const ALIKE: readonly (readonly string[])[] = [['./Tickets', './Portal']];

/** The screen of a module, or the one that shows the same to this person; undefined if they have neither. */
export function findScreenOf(screens: readonly Screen[], module: string): Screen | undefined {
  const alike = ALIKE.find((modules) => modules.includes(module)) ?? [];
  for (const wanted of [module, ...alike]) {
    const found = screens.find(({ remote }) => remote.module === wanted);
    if (found) return found;
  }
  return undefined;
}

/** `/tickets/0190…`: one thing in a screen. */
const ONE_THING = /^\/[^/]+(\/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/;

/**
 * Where an address leads that is no screen of this person: a link to one ticket, which somebody with another screen
 * has sent, or which is older than one's role. Null if it leads nowhere.
 */
export function leadElsewhere(screens: readonly Screen[], path: string): string | null {
  const rest = ONE_THING.exec(path)?.[1];
  const screen = findScreenOf(screens, './Tickets');
  return rest === undefined || screen === undefined ? null : hrefWithin(basePathOf(screen), '/', rest);
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
