/** The desk: navigation, header, and the rectangle in which a screen lives. */
import { type Customer, queryKeys, type SessionUser, unwrap } from '@flowbit/api';
import {
  AppIcon,
  Button,
  defineMessages,
  EmptyState,
  ErrorState,
  KeyHint,
  UnstyledButton,
  useHotkeys,
  useMessages,
} from '@flowbit/ui';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useServices } from '../app/services';
import { Bell } from '../notices/bell';
import { NoticeSettings } from '../notices/notice-settings';
import { Palette } from '../palette/palette';
import { RemoteScreen, ScreenSkeleton } from '../remotes/remote-screen';
import { useScreenProps } from '../remotes/use-screen-props';
import { basePathOf, leadElsewhere, type Resolved, resolveScreen } from '../routing/resolve';
import { Toaster } from '../toasts/toaster';
import { ConnectionDot, useCalmState } from './connection-dot';
import classes from './desk.module.css';
import { focusMainIfLost } from './keep-focus';
import { KeysOverview } from './keys-overview';
import { MeMenu } from './me-menu';
import { Navigation } from './navigation';
import { useFolded } from './use-folded';
import { useGoToKeys } from './use-go-to-keys';

const words = defineMessages({
  en: {
    skip: 'Skip to content',
    search: 'Search or command',
    palette: 'Search or run a command',
    keys: 'Show all shortcuts',
    offline: 'The connection is gone. You can go on reading; changes can be saved once it is back.',
    missing: 'There is no such page',
    missingMeaning: 'The address is wrong, or you have no access to it.',
    home: 'Go to the first screen',
    none: 'No screens yet',
    noneMeaning: 'Your role has no screens here. Ask an admin to switch some on.',
  },
  de: {
    skip: 'Zum Inhalt springen',
    search: 'Suche oder Befehl',
    palette: 'Suchen oder einen Befehl ausführen',
    keys: 'Alle Kürzel zeigen',
    offline: 'Die Verbindung ist weg. Lesen geht weiter; speichern können Sie, sobald sie wieder steht.',
    missing: 'Diese Seite gibt es nicht',
    missingMeaning: 'Die Adresse stimmt nicht, oder Sie haben keinen Zugriff darauf.',
    home: 'Zum ersten Bereich',
    none: 'Noch keine Bereiche',
    noneMeaning: 'Ihre Rolle hat hier keine Bereiche. Bitten Sie einen Admin, welche einzuschalten.',
  },
});

interface DeskProps {
  user: SessionUser;
  customer: Customer;
}

/** A screen with what the contract gives it; its own component so that its hooks begin anew per screen. */
function ScreenArea(props: DeskProps & { resolved: Resolved; openPalette(query?: string): void }) {
  const screenProps = useScreenProps(props);
  return <RemoteScreen screen={props.resolved.screen} screenProps={screenProps} />;
}

export function Desk({ user, customer }: DeskProps) {
  const text = useMessages(words);
  const { client, events, router } = useServices();
  const { path } = useSyncExternalStore(router.subscribe, router.getAddress);
  const connection = useCalmState(events);
  const [isFolded, setFolded] = useFolded();
  const [palette, setPalette] = useState<{ query: string } | null>(null);
  const [showsKeys, setShowsKeys] = useState(false);
  const [setsNotices, setSetsNotices] = useState(false);
  const openNoticeSettings = useCallback(() => setSetsNotices(true), []);

  const screensQuery = useQuery({
    queryKey: queryKeys.me.screens,
    queryFn: ({ signal }) => unwrap(client.GET('/api/me/screens', { signal })),
  });
  const screens = screensQuery.data?.screens;
  const resolved = screens ? resolveScreen(screens, path) : null;
  const first = screens?.[0];

  const elsewhere = screens && resolved === null ? leadElsewhere(screens, path) : null;
  const goesTo = path === '/' && resolved === null && first ? basePathOf(first) : elsewhere;

  useEffect(() => {
    if (goesTo !== null) router.navigate(goesTo, { replace: true });
  }, [goesTo, router]);

  const screenId = resolved?.screen.id ?? null;
  const shownId = useRef(screenId);
  useEffect(() => {
    // The first screen is where the page begins: its top is the right place then.
    if (shownId.current !== null && shownId.current !== screenId) focusMainIfLost();
    shownId.current = screenId;
  }, [screenId]);

  useHotkeys([
    { keys: 'mod+k', label: text.palette, isGlobal: true, run: () => setPalette({ query: '' }) },
    { keys: '?', label: text.keys, run: () => setShowsKeys(true) },
  ]);
  useGoToKeys(screens);

  const openPalette = (query = '') => setPalette({ query });

  function renderScreen() {
    if (resolved) {
      return (
        <ScreenArea
          key={resolved.screen.id}
          resolved={resolved}
          user={user}
          customer={customer}
          openPalette={openPalette}
        />
      );
    }
    if (screensQuery.isError) {
      return <ErrorState error={screensQuery.error} onRetry={() => void screensQuery.refetch()} />;
    }
    if (screens?.length === 0) {
      return (
        <EmptyState icon="puzzle" title={text.none}>
          {text.noneMeaning}
        </EmptyState>
      );
    }
    if (screens && path !== '/' && first && elsewhere === null) {
      return (
        <EmptyState
          icon="search"
          title={text.missing}
          action={
            <Button component="a" variant="default" href={basePathOf(first)}>
              {text.home}
            </Button>
          }
        >
          {text.missingMeaning}
        </EmptyState>
      );
    }
    return <ScreenSkeleton />;
  }

  return (
    <div className={classes.root} data-folded={isFolded || undefined}>
      <a href="#main" className={classes.skip}>
        {text.skip}
      </a>
      <div className={classes.nav}>
        <Navigation
          screens={screens}
          currentId={resolved?.screen.id ?? null}
          customerName={customer.name}
          isFolded={isFolded}
          onFold={setFolded}
        />
      </div>
      <header className={classes.head}>
        <UnstyledButton className={classes.search} onClick={() => openPalette()}>
          <AppIcon name="search" />
          <span className={classes.searchLabel}>{text.search}</span>
          <KeyHint keys="mod+k" />
        </UnstyledButton>
        <span className={classes.spacer} />
        <ConnectionDot state={connection} />
        <Bell screens={screens} onSettings={openNoticeSettings} />
        <MeMenu
          user={user}
          customer={customer}
          onShowKeys={() => setShowsKeys(true)}
          onSetNotices={openNoticeSettings}
        />
      </header>
      {connection.kind === 'offline' && (
        <div className={classes.banner} role="status">
          {text.offline}
        </div>
      )}
      <main id="main" className={classes.main} tabIndex={-1} aria-label={resolved?.screen.title}>
        {renderScreen()}
      </main>
      <div className={classes.notices}>
        <Toaster />
      </div>
      <Palette
        opened={palette !== null}
        initialQuery={palette?.query ?? ''}
        onClose={() => setPalette(null)}
        screens={screens ?? []}
        user={user}
        customer={customer}
      />
      <NoticeSettings user={user} opened={setsNotices} onClose={() => setSetsNotices(false)} />
      <KeysOverview opened={showsKeys} onClose={() => setShowsKeys(false)} />
    </div>
  );
}
