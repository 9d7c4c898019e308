/**
 * Asks the screens what they know.
 *
 * The shell knows no ticket: a screen's module may offer commands and a search of its own, and the
 * palette asks each one that this person has. A screen that is slow or broken is left out.
 */
import type { Customer, Role, Screen, SessionUser } from '@flowbit/api';
import type { ScreenContext, ScreenModule, SearchHit } from '@flowbit/contract';
import { useComputedColorScheme, useDebouncedValue } from '@flowbit/ui';
import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { useServices } from '../app/services';
import { describeScreen } from '../remotes/use-screen-props';
import { basePathOf, findScreenOf, hrefWithin } from '../routing/resolve';
import { showToast } from '../toasts/store';
import type { PaletteEntry } from './filter-entries';
import type { OfferedCommand } from './registry';

interface ScreenSearchInput {
  query: string;
  screens: readonly Screen[];
  user: SessionUser;
  customer: Customer;
}

interface ScreenSearchResult {
  commands: OfferedCommand[];
  hits: PaletteEntry[];
  isSearching: boolean;
}

const MIN_QUERY_LENGTH = 2;

export function useScreenSearch(input: ScreenSearchInput): ScreenSearchResult {
  const { screens, user, customer } = input;
  const { client, events, router, remotes, commands } = useServices();
  const colorScheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const [query] = useDebouncedValue(input.query.trim(), 180);

  const contextOf = useCallback(
    (screen: Screen): ScreenContext => {
      const basePath = basePathOf(screen);
      const href = (to: string) => hrefWithin(basePath, '/', to);
      return {
        screen: describeScreen(screen),
        basePath,
        href,
        navigate: (to, options) => router.navigate(href(to), options),
        findScreen: (module) => {
          const other = findScreenOf(screens, module);
          return other ? describeScreen(other) : null;
        },
        user,
        customer,
        locale: customer.locale,
        colorScheme,
        can: (...roles: Role[]) => roles.includes(user.role),
        client,
        events,
        toast: showToast,
        openPalette: () => {},
        registerCommands: (list) => commands.register(screen.title, list),
      };
    },
    [router, screens, user, customer, colorScheme, client, events, commands],
  );

  const modules = useQueries({
    queries: screens.map((screen) => ({
      queryKey: ['shell', 'module', screen.id, screen.remote],
      queryFn: () => remotes.load(screen.remote),
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
      // A module is a program, not data: it is compared by identity alone.
      structuralSharing: false,
    })),
    combine: useCallback(
      (results: { data: ScreenModule | undefined }[]) => results.map(({ data }) => data),
      [],
    ),
  });

  const found = useQueries({
    queries: screens.map((screen, index) => {
      const search = modules[index]?.search;
      return {
        queryKey: ['shell', 'search', screen.id, query],
        queryFn: ({ signal }: { signal: AbortSignal }): Promise<SearchHit[]> =>
          search?.(contextOf(screen), query, signal) ?? Promise.resolve([]),
        enabled: search !== undefined && query.length >= MIN_QUERY_LENGTH,
        staleTime: 10_000,
        retry: false,
      };
    }),
  });

  const offered = useMemo(
    () =>
      screens.flatMap((screen, index) => {
        try {
          const list = modules[index]?.commands?.(contextOf(screen)) ?? [];
          return list.map((command) => ({ ...command, group: screen.title }));
        } catch (error) {
          console.error(`The commands of "${screen.id}" failed:`, error);
          return [];
        }
      }),
    [screens, modules, contextOf],
  );

  const hits = screens.flatMap((screen, index) =>
    (found[index]?.data ?? []).map(
      (hit): PaletteEntry => ({
        id: `hit:${screen.id}:${hit.id}`,
        group: screen.title,
        label: hit.title,
        icon: hit.icon ?? screen.icon,
        ...(hit.detail === undefined ? {} : { detail: hit.detail }),
        ...(hit.findExcerpt === undefined ? {} : { excerpt: { query, find: hit.findExcerpt } }),
        run: () => router.navigate(hrefWithin(basePathOf(screen), '/', hit.path)),
      }),
    ),
  );

  return { commands: offered, hits, isSearching: found.some((result) => result.isFetching) };
}
