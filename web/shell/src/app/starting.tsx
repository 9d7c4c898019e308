/** While the session is looked for: the layout's outline; an error with a way back if no server answers. */
import { ErrorState } from '@flowbit/ui';
import { useCallback, useEffect, useState } from 'react';
import { useServices } from './services';

export function Starting() {
  const { session } = useServices();
  const [error, setError] = useState<unknown>(null);
  const restore = useCallback(() => {
    setError(null);
    session.restore().catch(setError);
  }, [session]);
  useEffect(restore, [restore]);
  if (error === null) return null;
  return <ErrorState error={error} onRetry={restore} />;
}
