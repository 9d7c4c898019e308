/** The screen's side of the contract as React hooks. */
import type { ConnectionState, EventFilter, EventHandler } from '@flowbit/api';
import { createContext, useContext, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { matchPath, type PathParams } from './match-path';
import type { Command, ScreenProps } from './screen';

/** Filled by the shell around each screen. */
export const ScreenPropsContext = createContext<ScreenProps | null>(null);

/** Everything that the shell gives to the screen around this component. */
export function useScreen(): ScreenProps {
  const props = useContext(ScreenPropsContext);
  if (props === null) throw new Error('useScreen is for components inside a screen');
  return props;
}

/** The parameters of the first pattern that the address matches, by the pattern's name. */
export function useRoute<const Routes extends Record<string, string>>(
  routes: Routes,
): { [Name in keyof Routes]: { name: Name; params: PathParams<Routes[Name]> } }[keyof Routes] | null {
  const { path } = useScreen();
  return useMemo(() => {
    for (const [name, pattern] of Object.entries(routes)) {
      const params = matchPath(pattern, path);
      if (params !== null) return { name, params } as never;
    }
    return null;
  }, [routes, path]);
}

/** Calls back for each live event that matches, as long as the component is there. */
export function useLiveEvents(filter: EventFilter, handler: EventHandler): void {
  const { events } = useScreen();
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  });
  const actions = filter.actions?.join(' ');
  const { ticketId } = filter;
  useEffect(
    () =>
      events.subscribe(
        {
          ...(actions === undefined ? {} : { actions: actions.split(' ') }),
          ...(ticketId === undefined ? {} : { ticketId }),
        },
        (event) => latest.current(event),
      ),
    [events, actions, ticketId],
  );
}

/** Live, catching up or offline since when. */
export function useConnectionState(): ConnectionState {
  const { events } = useScreen();
  return useSyncExternalStore(events.onStateChange, events.getState);
}

/** Offers commands in the palette while the component is there. Memoise the list. */
export function useCommands(commands: readonly Command[]): void {
  const { registerCommands } = useScreen();
  useEffect(() => registerCommands(commands), [registerCommands, commands]);
}

/** Puts a part before the screen's name in the document's title. */
export function useTitle(title: string | null): void {
  const { setTitle } = useScreen();
  useEffect(() => {
    setTitle(title);
    return () => setTitle(null);
  }, [setTitle, title]);
}
