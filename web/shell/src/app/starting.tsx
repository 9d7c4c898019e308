/** While the session is looked for: the layout's outline; an error with a way back if no server answers. */
import { ErrorState } from '@flowbit/ui';
import { useCallback, useEffect, useState } from 'react';
import classes from '../layout/desk.module.css';
import { Navigation } from '../layout/navigation';
import { useFolded } from '../layout/use-folded';
import { ScreenSkeleton } from '../remotes/remote-screen';
import { useServices } from './services';

export function Starting() {
  const { session } = useServices();
  const [error, setError] = useState<unknown>(null);
  const restore = useCallback(() => {
    setError(null);
    session.restore().catch(setError);
  }, [session]);
  useEffect(restore, [restore]);
  if (error !== null) return <ErrorState error={error} onRetry={restore} />;
  return <Outline />;
}

function Outline() {
  const [isFolded, setFolded] = useFolded();
  return (
    <div className={classes.root} data-folded={isFolded || undefined}>
      <div className={classes.nav}>
        <Navigation
          screens={undefined}
          currentId={null}
          customerName=""
          isFolded={isFolded}
          onFold={setFolded}
        />
      </div>
      <header className={classes.head} />
      <main className={classes.main} aria-busy>
        <ScreenSkeleton />
      </main>
    </div>
  );
}
