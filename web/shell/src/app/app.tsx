/** The app: providers, then sign-in or the desk. */
import { FlowbitProvider } from '@flowbit/ui';
import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { AcceptInvitation } from '../auth/accept-invitation';
import { SignIn } from '../auth/sign-in';
import { Desk } from '../layout/desk';
import { pageNonce } from '../nonce';
import { guessLocale, rememberLocale } from './locale';
import { type Services, ServicesContext, useServices, useSession } from './services';
import { Starting } from './starting';

function Content() {
  const { router } = useServices();
  const session = useSession();
  const { path } = useSyncExternalStore(router.subscribe, router.getAddress);
  if (path === '/invite') return <AcceptInvitation />;
  if (session.status === 'unknown') return <Starting />;
  if (session.status === 'signedOut') return <SignIn ending={session} />;
  return <Desk user={session.user} customer={session.customer} />;
}

function Providers() {
  const { queryClient } = useServices();
  const session = useSession();
  const locale = session.status === 'signedIn' ? session.customer.locale : guessLocale();
  const isSignedIn = session.status === 'signedIn';
  useEffect(() => rememberLocale(locale), [locale]);
  useEffect(() => {
    // Nothing that one person saw may be there for the next.
    if (!isSignedIn) queryClient.clear();
  }, [isSignedIn, queryClient]);
  return (
    <FlowbitProvider
      locale={locale}
      accentColor={session.status === 'signedIn' ? session.customer.accentColor : undefined}
      nonce={pageNonce}
    >
      <QueryClientProvider client={queryClient}>
        <Content />
      </QueryClientProvider>
    </FlowbitProvider>
  );
}

export function App({ services }: { services: Services }) {
  return (
    <ServicesContext value={services}>
      <Providers />
    </ServicesContext>
  );
}
