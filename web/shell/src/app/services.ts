/** Everything that lives as long as the page: session, client, cache, live events, addresses. */
import {
  type ApiClient,
  createClient,
  createInvalidator,
  createQueryClient,
  createSession,
  type LiveEvents,
  type Session,
} from '@flowbit/api';
import type { QueryClient } from '@tanstack/react-query';
import { createContext, useContext, useSyncExternalStore } from 'react';
import { createLiveConnection } from '../live/connection';
import { type CommandRegistry, createCommandRegistry } from '../palette/registry';
import { createRemoteLoader, type RemoteLoader } from '../remotes/loader';
import { createRouter, type Router } from '../routing/router';
import { sessionHint } from './session-hint';

export interface Services {
  session: Session;
  client: ApiClient;
  queryClient: QueryClient;
  events: LiveEvents;
  router: Router;
  remotes: RemoteLoader;
  commands: CommandRegistry;
}

export function createServices(): Services {
  const session = createSession({
    locks: navigator.locks,
    channel: typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('flowbit-session'),
    hint: sessionHint,
    // Another person's or company's answers must not stay in this page's memory.
    onIdentityChanged: () => location.replace('/'),
  });
  const client = createClient({ tokens: session });
  const queryClient = createQueryClient();
  const { events } = createLiveConnection({ session, client, queryClient });
  events.subscribe({}, createInvalidator(queryClient));
  return {
    session,
    client,
    queryClient,
    events,
    router: createRouter(),
    remotes: createRemoteLoader(),
    commands: createCommandRegistry(),
  };
}

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('useServices is for components inside the app');
  return services;
}

export function useSession() {
  const { session } = useServices();
  return useSyncExternalStore(session.subscribe, session.getState);
}
