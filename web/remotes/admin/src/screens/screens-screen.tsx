/** The company's screens: which there are, in what order, who has them, and whether they answer. */
import { isApiError, queryKeys, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  defineMessages,
  describeError,
  EmptyState,
  PageHeader,
  Skeleton,
  useHotkeys,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { LoadError } from '../parts/load-error';
import {
  type Changes,
  changesOf,
  choose,
  type Draft,
  draftOf,
  moveTo,
  refusalsById,
  type ScreenSetting,
  sameDraft,
  toPatch,
} from './draft';
import { checkManifest, isBroken, judge } from './remote-health';
import { ScreenRow } from './screen-row';
import classes from './screens-screen.module.css';
import { useGlide } from './use-reorder';

const words = defineMessages({
  en: {
    description:
      'What the navigation shows, in this order. Changes reach each person when they next load the page; who is working now is not interrupted.',
    recheck: 'Check health again',
    list: 'Screens in their order',
    screen: 'Screen',
    who: 'Who sees it',
    health: 'Its program',
    shown: 'Shown',
    none: 'No screens',
    noneMeaning: 'The operator’s registry declares no screens for your company.',
    moved: (title: string, place: number, count: number) => `${title} is now at place ${place} of ${count}`,
    unsaved: 'Not saved yet:',
    order: 'order',
    switched: (titles: string) => `switched: ${titles}`,
    shared: (titles: string) => `who sees: ${titles}`,
    discard: 'Discard',
    save: 'Save changes',
    saved: 'Screens saved',
    savedMeaning: 'People see the change when they next load the page.',
    broken: (count: number) =>
      count === 1
        ? 'One screen can’t be loaded at the moment.'
        : `${count} screens can’t be loaded at the moment.`,
    elsewhere: 'Someone else has changed the screens meanwhile.',
    elsewhereTake: 'Show theirs, discard mine',
    elsewhereKeep: 'Keep mine',
    required: 'This screen can’t be hidden from admins: screens are administered here.',
    loading: 'Loading',
    group: 'Screens',
  },
  de: {
    description:
      'Was die Navigation zeigt, in dieser Reihenfolge. Änderungen kommen beim nächsten Laden der Seite an; wer gerade arbeitet, wird nicht gestört.',
    recheck: 'Noch einmal prüfen',
    list: 'Bereiche in ihrer Reihenfolge',
    screen: 'Bereich',
    who: 'Wer ihn sieht',
    health: 'Sein Programm',
    shown: 'Gezeigt',
    none: 'Keine Bereiche',
    noneMeaning: 'Das Register des Betreibers nennt für Ihr Unternehmen keine Bereiche.',
    moved: (title: string, place: number, count: number) =>
      `${title} steht jetzt auf Platz ${place} von ${count}`,
    unsaved: 'Noch nicht gespeichert:',
    order: 'Reihenfolge',
    switched: (titles: string) => `geschaltet: ${titles}`,
    shared: (titles: string) => `wer sieht: ${titles}`,
    discard: 'Verwerfen',
    save: 'Änderungen speichern',
    saved: 'Bereiche gespeichert',
    savedMeaning: 'Die Änderung ist beim nächsten Laden der Seite zu sehen.',
    broken: (count: number) =>
      count === 1
        ? 'Ein Bereich lässt sich im Moment nicht laden.'
        : `${count} Bereiche lassen sich im Moment nicht laden.`,
    elsewhere: 'Jemand anderes hat die Bereiche inzwischen geändert.',
    elsewhereTake: 'Die anderen zeigen, meine verwerfen',
    elsewhereKeep: 'Meine behalten',
    required: 'Dieser Bereich lässt sich nicht vor Admins verbergen: Hier werden die Bereiche verwaltet.',
    loading: 'Wird geladen',
    group: 'Bereiche',
  },
});

type Words = ReturnType<typeof useMessages<(typeof words)['en']>>;

/** How long a health check counts as fresh. */
const HEALTH_STALE_MS = 30_000;

function useHealth(screens: readonly ScreenSetting[]) {
  const entries = [...new Set(screens.map((screen) => screen.remote.entry))];
  const results = useQueries({
    queries: entries.map((entry) => ({
      queryKey: ['admin', 'manifest', entry],
      queryFn: ({ signal }: { signal: AbortSignal }) => checkManifest(entry, { signal }),
      staleTime: HEALTH_STALE_MS,
      retry: false,
    })),
  });
  return {
    reportOf: (screen: ScreenSetting) => results[entries.indexOf(screen.remote.entry)]?.data,
    isChecking: results.some((result) => result.isFetching),
    recheck: () => Promise.all(results.map((result) => result.refetch())),
  };
}

function describeChanges(changes: Changes, titleOf: (id: string) => string, text: Words): string {
  const parts: string[] = [];
  if (changes.isReordered) parts.push(text.order);
  if (changes.switched.length > 0) parts.push(text.switched(changes.switched.map(titleOf).join(', ')));
  if (changes.shared.length > 0) parts.push(text.shared(changes.shared.map(titleOf).join(', ')));
  return parts.join('; ');
}

function ListHead() {
  const text = useMessages(words);
  return (
    <div className={classes.head} aria-hidden>
      <span />
      <span>{text.screen}</span>
      <span>{text.who}</span>
      <span>{text.health}</span>
      <span className={classes.end}>{text.shown}</span>
    </div>
  );
}

/** Places of rows while they load. */
const PLACES = [0, 1, 2, 3, 4];

function ScreenSkeleton() {
  const text = useMessages(words);
  return (
    <div role="status" aria-label={text.loading}>
      <ListHead />
      {PLACES.map((place) => (
        <div key={place} className={classes.placeholder}>
          <span />
          <Skeleton height={10} width="55%" radius={3} />
          <Skeleton height={10} width="40%" radius={3} />
          <Skeleton height={10} width="70%" radius={3} />
          <Skeleton height={10} width="100%" radius={3} />
        </div>
      ))}
    </div>
  );
}

function ScreenEditor({ screens }: { screens: readonly ScreenSetting[] }) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { screen: own, client, toast, setUnsaved } = useScreen();
  const queryClient = useQueryClient();
  const list = useRef<HTMLOListElement>(null);
  const saved = useMemo(() => draftOf(screens), [screens]);
  /** What the draft was begun on: differs from `saved` once someone else has saved. */
  const [base, setBase] = useState<Draft>(saved);
  const [draft, setDraft] = useState<Draft>(saved);
  const [said, setSaid] = useState('');
  const [isSaving, setSaving] = useState(false);
  const [refusals, setRefusals] = useState<Record<string, string>>({});
  const [error, setError] = useState<string | null>(null);
  const health = useHealth(screens);
  useGlide(list, draft.order);

  const byId = new Map(screens.map((screen) => [screen.id, screen]));
  const titleOf = (id: string) => byId.get(id)?.title ?? id;
  const changes = changesOf(base, draft);
  const isDirty = changes.count > 0;
  const isOvertaken = isDirty && !isSaving && !sameDraft(base, saved);

  function start(from: Draft) {
    setBase(from);
    setDraft(from);
    setRefusals({});
    setError(null);
  }

  // Nothing of one's own is at stake: follow what is saved.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is saved decides
  useEffect(() => {
    if (!isDirty) start(saved);
  }, [saved]);
  useEffect(() => setUnsaved(isDirty), [isDirty, setUnsaved]);
  useEffect(() => () => setUnsaved(false), [setUnsaved]);

  async function save() {
    if (!isDirty || isSaving) return;
    const patch = toPatch(base, draft);
    setSaving(true);
    setRefusals({});
    setError(null);
    try {
      const answer = await unwrap(client.PATCH('/api/admin/screens', { body: { screens: patch } }));
      queryClient.setQueryData(queryKeys.admin.screens, answer);
      start(draftOf(answer.items));
      toast({ kind: 'success', title: text.saved, detail: text.savedMeaning, key: 'screens' });
    } catch (caught) {
      const problems = isApiError(caught) ? (caught.problem?.errors ?? []) : [];
      const found = refusalsById(patch, problems);
      setRefusals(found);
      if (isApiError(caught, 'screen_required')) setError(text.required);
      else if (Object.keys(found).length === 0)
        setError(`${describe(caught).title}. ${describe(caught).meaning}`);
    } finally {
      setSaving(false);
    }
  }

  useHotkeys([
    {
      keys: 'mod+s',
      label: text.save,
      group: text.group,
      isGlobal: true,
      isDisabled: !isDirty,
      run: () => void save(),
    },
  ]);

  function move(id: string, place: number) {
    const next = moveTo(draft, id, place);
    setDraft(next);
    setSaid(text.moved(titleOf(id), next.order.indexOf(id) + 1, next.order.length));
  }

  const broken = screens.filter((screen) => {
    const report = health.reportOf(screen);
    return (
      report !== undefined && draft.choices[screen.id]?.enabled && isBroken(judge(report, screen.remote))
    );
  });

  return (
    <>
      <PageHeader
        title={own.title}
        description={text.description}
        actions={
          <Button
            variant="default"
            leftSection={<AppIcon name="refresh" />}
            loading={health.isChecking}
            onClick={() => void health.recheck()}
          >
            {text.recheck}
          </Button>
        }
      />
      {broken.length > 0 && (
        <p className={classes.note} data-tone="danger" role="status">
          <AppIcon name="alert-triangle" />
          <span>
            {text.broken(broken.length)} {broken.map((screen) => screen.title).join(', ')}
          </span>
        </p>
      )}
      {isOvertaken && (
        <div className={classes.note} data-tone="warning" role="alert">
          <AppIcon name="users" />
          <span>{text.elsewhere}</span>
          <Button size="compact-sm" variant="default" onClick={() => start(saved)}>
            {text.elsewhereTake}
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={() => setBase(saved)}>
            {text.elsewhereKeep}
          </Button>
        </div>
      )}
      <ListHead />
      <ol ref={list} className={classes.list} aria-label={text.list}>
        {draft.order.map((id, place) => {
          const screen = byId.get(id);
          const choice = draft.choices[id];
          if (!screen || !choice) return null;
          return (
            <ScreenRow
              key={id}
              screen={screen}
              choice={choice}
              place={place}
              count={draft.order.length}
              list={list}
              report={health.reportOf(screen)}
              isChanged={changes.switched.includes(id) || changes.shared.includes(id)}
              refusal={refusals[id]}
              onMove={move}
              onChoose={(screenId, change) => setDraft(choose(draft, screenId, change))}
            />
          );
        })}
      </ol>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      {isDirty && (
        <div className={classes.bar}>
          <span className={classes.barWords}>
            <strong>{text.unsaved}</strong> {describeChanges(changes, titleOf, text)}
            {error && (
              <span className={classes.error} role="alert">
                {error}
              </span>
            )}
          </span>
          <Button variant="default" disabled={isSaving} onClick={() => start(saved)}>
            {text.discard}
          </Button>
          <Button loading={isSaving} onClick={() => void save()}>
            {text.save}
          </Button>
        </div>
      )}
    </>
  );
}

export function ScreensScreen() {
  const text = useMessages(words);
  const { screen, client } = useScreen();
  const query = useQuery({
    queryKey: queryKeys.admin.screens,
    queryFn: ({ signal }) => unwrap(client.GET('/api/admin/screens', { signal })),
  });
  const screens = query.data?.items;
  if (screens && screens.length > 0) {
    return (
      <div className={classes.root}>
        <ScreenEditor screens={screens} />
      </div>
    );
  }
  return (
    <div className={classes.root}>
      <PageHeader
        title={screen.title}
        description={text.description}
        actions={
          query.isPending && (
            <Button variant="default" leftSection={<AppIcon name="refresh" />} disabled>
              {text.recheck}
            </Button>
          )
        }
      />
      {query.isError ? (
        <LoadError error={query.error} onRetry={() => void query.refetch()} />
      ) : screens ? (
        <EmptyState icon="dashboard" title={text.none}>
          {text.noneMeaning}
        </EmptyState>
      ) : (
        <ScreenSkeleton />
      )}
    </div>
  );
}
