/** Fills the contract for one screen. */
import type { Customer, Role, Screen, SessionUser } from '@flowbit/api';
import { queryKeys } from '@flowbit/api';
import type { NavigateOptions, ScreenInfo, ScreenProps } from '@flowbit/contract';
import { useComputedColorScheme } from '@flowbit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useServices } from '../app/services';
import { basePathOf, findScreenOf, hrefWithin, type Resolved } from '../routing/resolve';
import { showToast } from '../toasts/store';
import { useUnsavedGuard } from './use-unsaved-guard';

export function describeScreen(screen: Screen): ScreenInfo {
  return {
    id: screen.id,
    title: screen.title,
    icon: screen.icon,
    basePath: basePathOf(screen),
    module: screen.remote.module,
  };
}

interface ScreenPropsInput {
  resolved: Resolved;
  user: SessionUser;
  customer: Customer;
  openPalette(query?: string): void;
}

export function useScreenProps({ resolved, user, customer, openPalette }: ScreenPropsInput): ScreenProps {
  const { client, events, router, commands } = useServices();
  const queryClient = useQueryClient();
  const { search } = useSyncExternalStore(router.subscribe, router.getAddress);
  const colorScheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const setUnsaved = useUnsavedGuard();
  const [title, setTitle] = useState<string | null>(null);
  const { screen, basePath, path } = resolved;

  useEffect(() => {
    document.title = [title, screen.title, customer.name].filter(Boolean).join(' · ');
  }, [title, screen.title, customer.name]);

  const href = useCallback((to: string) => hrefWithin(basePath, path, to), [basePath, path]);
  const navigate = useCallback(
    (to: string, options?: NavigateOptions) => router.navigate(href(to), options),
    [router, href],
  );
  const registerCommands = useCallback<ScreenProps['registerCommands']>(
    (list) => commands.register(screen.title, list),
    [commands, screen.title],
  );
  const can = useCallback((...roles: Role[]) => roles.includes(user.role), [user.role]);
  const findScreen = useCallback(
    (module: string) => {
      const known = queryClient.getQueryData<{ screens: Screen[] }>(queryKeys.me.screens);
      const found = findScreenOf(known?.screens ?? [], module);
      return found ? describeScreen(found) : null;
    },
    [queryClient],
  );

  return useMemo(
    () => ({
      screen: describeScreen(screen),
      basePath,
      path,
      search: new URLSearchParams(search),
      navigate,
      href,
      findScreen,
      user,
      customer,
      locale: customer.locale,
      colorScheme,
      can,
      client,
      events,
      toast: showToast,
      openPalette,
      registerCommands,
      setTitle,
      setUnsaved,
    }),
    [
      screen,
      basePath,
      path,
      search,
      navigate,
      href,
      findScreen,
      user,
      customer,
      colorScheme,
      can,
      client,
      events,
      openPalette,
      registerCommands,
      setUnsaved,
    ],
  );
}
