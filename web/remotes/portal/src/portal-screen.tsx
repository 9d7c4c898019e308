/** One's own requests: the list, one of them, and a new one. The address says which. */
import { useRoute, useScreen } from '@flowbit/contract';
import { SkeletonRows } from '@flowbit/ui';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { RequestList } from './list/request-list';
import { useUnread } from './model/unread';

const routes = { list: '/', creation: '/new', request: '/:id' } as const;

/** The list does not wait for them. */
const RequestPage = lazy(async () => ({ default: (await import('./request/request-page')).RequestPage }));
const NewRequest = lazy(async () => ({ default: (await import('./creation/new-request')).NewRequest }));

export function PortalScreen() {
  const route = useRoute(routes);
  const { search } = useScreen();
  const openId = route?.name === 'request' ? route.params.id : null;
  const unread = useUnread(openId);
  // Where one has come from: the list gives the focus back, and a page that is gone to takes it.
  const before = useRef<string | null | undefined>(undefined);
  const place = route?.name === 'creation' ? 'new' : openId;
  const cameFrom = before.current;
  useEffect(() => {
    before.current = place;
  }, [place]);

  if (openId !== null) {
    return (
      <Suspense fallback={<SkeletonRows rows={4} height={72} lines={2} />}>
        <RequestPage key={openId} id={openId} takesFocus={cameFrom !== undefined} />
      </Suspense>
    );
  }
  if (route?.name === 'creation') {
    const follows = search.get('follows');
    return (
      <Suspense fallback={<SkeletonRows rows={4} height={72} lines={2} />}>
        <NewRequest key={follows ?? ''} follows={follows} />
      </Suspense>
    );
  }
  return <RequestList unread={unread} cameFrom={cameFrom ?? null} />;
}
