/**
 * One screen in its rectangle: loading, shown, or failed with a way back.
 *
 * Whatever goes wrong in here stays in here.
 */
import type { Screen } from '@flowbit/api';
import { type ScreenModule, type ScreenProps, ScreenPropsContext } from '@flowbit/contract';
import { AppIcon, Button, defineMessages, ErrorState, SkeletonRows, useMessages } from '@flowbit/ui';
import { Component, type ReactNode, useEffect, useState } from 'react';
import { useServices } from '../app/services';
import type { LoadFailure, RemoteLoadError } from './loader';
import { isMissingChunk } from './missing-chunk';
import classes from './remote-screen.module.css';

const words = defineMessages({
  en: {
    unavailable: (title: string) => `“${title}” could not be loaded`,
    unavailableMeaning: 'Its program is not answering. The other screens work as usual.',
    timeout: (title: string) => `“${title}” is taking too long`,
    timeoutMeaning: 'Its program did not answer within 8 seconds. The other screens work as usual.',
    incomplete: (title: string) => `A part of “${title}” is missing`,
    incompleteMeaning:
      'Most likely a newer version was installed after you opened this page. Reload to get it; what was saved is safe.',
    invalidMeaning:
      'Its program has no such screen. The other screens work as usual. Please tell your admin.',
    notApproved: (title: string) => `“${title}” was not started`,
    notApprovedMeaning:
      'Its program isn’t the one that was approved. The other screens work as usual. Please tell your admin.',
    notVerifiableMeaning:
      'Whether its program is the one that was approved can only be checked over HTTPS. Please tell your admin.',
    crashed: (title: string) => `“${title}” has stopped`,
    crashedMeaning: 'An error ended it. What was saved is safe; the other screens work as usual.',
    reload: 'Reload',
  },
  de: {
    unavailable: (title: string) => `„${title}“ konnte nicht geladen werden`,
    unavailableMeaning: 'Das Programm antwortet nicht. Die anderen Bereiche arbeiten wie gewohnt.',
    timeout: (title: string) => `„${title}“ braucht zu lange`,
    timeoutMeaning:
      'Das Programm hat nicht innerhalb von 8 Sekunden geantwortet. Die anderen Bereiche arbeiten wie gewohnt.',
    incomplete: (title: string) => `Ein Teil von „${title}“ fehlt`,
    incompleteMeaning:
      'Wahrscheinlich wurde eine neuere Version eingespielt, nachdem Sie diese Seite geöffnet haben. Laden Sie die Seite neu; Gespeichertes ist sicher.',
    invalidMeaning:
      'Das Programm hat diesen Bereich nicht. Die anderen Bereiche arbeiten wie gewohnt. Bitte informieren Sie Ihren Admin.',
    notApproved: (title: string) => `„${title}“ wurde nicht gestartet`,
    notApprovedMeaning:
      'Das Programm ist nicht das freigegebene. Die anderen Bereiche arbeiten wie gewohnt. Bitte informieren Sie Ihren Admin.',
    notVerifiableMeaning:
      'Ob das Programm das freigegebene ist, lässt sich nur über HTTPS prüfen. Bitte informieren Sie Ihren Admin.',
    crashed: (title: string) => `„${title}“ wurde angehalten`,
    crashedMeaning:
      'Ein Fehler hat es beendet. Gespeichertes ist sicher; die anderen Bereiche arbeiten wie gewohnt.',
    reload: 'Neu laden',
  },
});

type Words = (typeof words)['en'];

/** Title and meaning of each way in which loading may fail. */
const failures: Record<LoadFailure, [title: TitleKey, meaning: MeaningKey]> = {
  timeout: ['timeout', 'timeoutMeaning'],
  unavailable: ['unavailable', 'unavailableMeaning'],
  incomplete: ['incomplete', 'incompleteMeaning'],
  invalid: ['unavailable', 'invalidMeaning'],
  notApproved: ['notApproved', 'notApprovedMeaning'],
  notVerifiable: ['notApproved', 'notVerifiableMeaning'],
};
type TitleKey = 'timeout' | 'unavailable' | 'incomplete' | 'notApproved';
type MeaningKey = Extract<keyof Words, `${string}Meaning`>;

interface BoundaryProps {
  children: ReactNode;
  fallback: (error: unknown, reset: () => void) => ReactNode;
}

type BoundaryState = { failure: { error: unknown } | null };

class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { failure: null };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { failure: { error } };
  }

  override componentDidCatch(error: unknown) {
    console.error('A screen stopped:', error);
  }

  override render() {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    return this.props.fallback(failure.error, () => this.setState({ failure: null }));
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
  const { name, entry, module, integrity = null } = screen.remote;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` asks for another try
  useEffect(() => {
    let isGone = false;
    setState({ kind: 'loading' });
    remotes.load({ name, entry, module, integrity }).then(
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
  }, [remotes, name, entry, module, integrity, attempt]);
  return { state, retry: () => setAttempt((count) => count + 1) };
}

/** Where a screen will be. */
export function ScreenSkeleton() {
  return (
    <div className={classes.loading}>
      <SkeletonRows rows={10} height={56} lines={2} />
    </div>
  );
}

/**
 * An error ended it while it was shown. That may be due to what it had read, so nothing of that is kept for the
 * next try, or for coming back.
 */
function Crashed({ title, onRetry }: { title: string; onRetry: () => void }) {
  const text = useMessages(words);
  const { queryClient } = useServices();
  useEffect(() => queryClient.removeQueries({ type: 'inactive' }), [queryClient]);
  return (
    <ErrorState title={text.crashed(title)} onRetry={onRetry}>
      {text.crashedMeaning}
    </ErrorState>
  );
}

interface RemoteScreenProps {
  screen: Screen;
  screenProps: ScreenProps;
}

export function RemoteScreen({ screen, screenProps }: RemoteScreenProps) {
  const text = useMessages(words);
  const { state, retry } = useRemoteModule(screen);

  if (state.kind === 'loading') return <ScreenSkeleton />;
  const reload = (
    <Button leftSection={<AppIcon name="refresh" />} onClick={() => window.location.reload()}>
      {text.reload}
    </Button>
  );
  if (state.kind === 'failed') {
    const { reason } = state.error;
    const [title, meaning] = failures[reason];
    return (
      <ErrorState
        title={text[title](screen.title)}
        onRetry={retry}
        action={reason === 'incomplete' ? reload : undefined}
        error={state.error}
      >
        {text[meaning]}
      </ErrorState>
    );
  }
  const Content = state.module.default;
  return (
    <Boundary
      fallback={(error, reset) =>
        // A part that did not come is remembered as missing: only a new page asks for it again.
        isMissingChunk(error) ? (
          <ErrorState title={text.incomplete(screen.title)} action={reload}>
            {text.incompleteMeaning}
          </ErrorState>
        ) : (
          <Crashed title={screen.title} onRetry={reset} />
        )
      }
    >
      <ScreenPropsContext value={screenProps}>
        <Content />
      </ScreenPropsContext>
    </Boundary>
  );
}
