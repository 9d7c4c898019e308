/**
 * One screen in its rectangle: loading, shown, or failed with a way back.
 *
 * Whatever goes wrong in here stays in here.
 */
import type { Screen } from '@flowbit/api';
import { type ScreenModule, type ScreenProps, ScreenPropsContext } from '@flowbit/contract';
import { defineMessages, ErrorState, SkeletonRows, useMessages } from '@flowbit/ui';
import { Component, type ReactNode, useEffect, useState } from 'react';
import { useServices } from '../app/services';
import type { RemoteLoadError } from './loader';
import classes from './remote-screen.module.css';

const words = defineMessages({
  en: {
    unavailable: (title: string) => `“${title}” could not be loaded`,
    unavailableMeaning: 'Its program is not answering. The other screens work as usual.',
    timeout: (title: string) => `“${title}” is taking too long`,
    timeoutMeaning: 'Its program did not answer within 8 seconds. The other screens work as usual.',
    crashed: (title: string) => `“${title}” has stopped`,
    crashedMeaning: 'An error ended it. What was saved is safe; the other screens work as usual.',
  },
  de: {
    unavailable: (title: string) => `„${title}“ konnte nicht geladen werden`,
    unavailableMeaning: 'Das Programm antwortet nicht. Die anderen Bereiche arbeiten wie gewohnt.',
    timeout: (title: string) => `„${title}“ braucht zu lange`,
    timeoutMeaning:
      'Das Programm hat nicht innerhalb von 8 Sekunden geantwortet. Die anderen Bereiche arbeiten wie gewohnt.',
    crashed: (title: string) => `„${title}“ wurde angehalten`,
    crashedMeaning:
      'Ein Fehler hat es beendet. Gespeichertes ist sicher; die anderen Bereiche arbeiten wie gewohnt.',
  },
});

interface BoundaryProps {
  children: ReactNode;
  fallback: (reset: () => void) => ReactNode;
}

class Boundary extends Component<BoundaryProps, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override componentDidCatch(error: unknown) {
    console.error('A screen stopped:', error);
  }

  override render() {
    if (this.state.hasFailed) return this.props.fallback(() => this.setState({ hasFailed: false }));
    return this.props.children;
  }
}

type LoadState =
  | { kind: 'loading' }
  | { kind: 'ready'; module: ScreenModule }
  | { kind: 'failed'; error: RemoteLoadError };

function useRemoteModule(screen: Screen) {
  const { remotes } = useServices();
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<LoadState>({ kind: 'loading' });
  const { name, entry, module } = screen.remote;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks for another try
  useEffect(() => {
    let isGone = false;
    setState({ kind: 'loading' });
    remotes.load({ name, entry, module }).then(
      (loaded) => {
        if (!isGone) setState({ kind: 'ready', module: loaded });
      },
      (error: RemoteLoadError) => {
        if (!isGone) setState({ kind: 'failed', error });
      },
    );
    return () => {
      isGone = true;
    };
  }, [remotes, name, entry, module, attempt]);
  return { state, retry: () => setAttempt((count) => count + 1) };
}

export interface RemoteScreenProps {
  screen: Screen;
  screenProps: ScreenProps;
}

export function RemoteScreen({ screen, screenProps }: RemoteScreenProps) {
  const text = useMessages(words);
  const { state, retry } = useRemoteModule(screen);

  if (state.kind === 'loading') {
    return (
      <div className={classes.loading}>
        <SkeletonRows rows={10} height={56} lines={2} />
      </div>
    );
  }
  if (state.kind === 'failed') {
    const isSlow = state.error.reason === 'timeout';
    return (
      <ErrorState
        title={(isSlow ? text.timeout : text.unavailable)(screen.title)}
        onRetry={retry}
        error={state.error}
      >
        {isSlow ? text.timeoutMeaning : text.unavailableMeaning}
      </ErrorState>
    );
  }
  const Content = state.module.default;
  return (
    <Boundary
      fallback={(reset) => (
        <ErrorState title={text.crashed(screen.title)} onRetry={reset}>
          {text.crashedMeaning}
        </ErrorState>
      )}
    >
      <ScreenPropsContext value={screenProps}>
        <Content />
      </ScreenPropsContext>
    </Boundary>
  );
}
