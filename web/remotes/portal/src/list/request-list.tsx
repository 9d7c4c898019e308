/** The list of one's own requests. */
import { useScreen, useTitle } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  defineMessages,
  EmptyState,
  ErrorState,
  KeyHint,
  SkeletonRows,
  TextInput,
  useDebouncedCallback,
  useFormats,
  useHotkeys,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { formatFilter, type ListFilter, parseFilter, TABS } from '../model/list-filter';
import { useCounts, useRequests } from '../model/queries';
import classes from './request-list.module.css';
import { RequestRow } from './request-row';

const words = defineMessages({
  en: {
    group: 'Requests',
    create: 'New request',
    search: 'Search requests',
    which: 'Which requests',
    open: 'Open',
    solved: 'Solved',
    all: 'All',
    list: 'Requests',
    more: 'Show older requests',
    walk: 'Next or previous request',
    noneAtAll: 'How can we help?',
    noneAtAllMeaning: 'Raise your first request. You follow here what becomes of it, and answer.',
    noneOpen: 'Nothing is open',
    noneOpenMeaning: 'All your requests are solved. Is there something new?',
    noneSolved: 'Nothing is solved yet',
    noneSolvedMeaning: 'What is solved is kept here.',
    nothingFits: (q: string) => `Nothing fits “${q}”`,
    nothingFitsMeaning: 'Whole words and the beginning of the last one are found, also in answers.',
    everywhere: 'Search all requests',
    found: (count: number) => (count === 1 ? '1 request' : `${count} requests`),
  },
  de: {
    group: 'Anfragen',
    create: 'Neue Anfrage',
    search: 'Anfragen durchsuchen',
    which: 'Welche Anfragen',
    open: 'Offen',
    solved: 'Gelöst',
    all: 'Alle',
    list: 'Anfragen',
    more: 'Ältere Anfragen zeigen',
    walk: 'Nächste oder vorige Anfrage',
    noneAtAll: 'Wie können wir helfen?',
    noneAtAllMeaning: 'Stellen Sie Ihre erste Anfrage. Hier verfolgen Sie, was daraus wird, und antworten.',
    noneOpen: 'Nichts ist offen',
    noneOpenMeaning: 'Alle Ihre Anfragen sind gelöst. Gibt es etwas Neues?',
    noneSolved: 'Noch nichts ist gelöst',
    noneSolvedMeaning: 'Was gelöst ist, bleibt hier.',
    nothingFits: (q: string) => `Nichts passt zu „${q}“`,
    nothingFitsMeaning: 'Gefunden werden ganze Wörter und der Anfang des letzten, auch in Antworten.',
    everywhere: 'Alle Anfragen durchsuchen',
    found: (count: number) => (count === 1 ? '1 Anfrage' : `${count} Anfragen`),
  },
});

/** While one types, the search waits so long for the next letter. */
const TYPING_MS = 250;

/** Moves the focus by one row; the first row if none has it. */
function walk(list: HTMLElement | null, step: 1 | -1) {
  const rows = [...(list?.querySelectorAll<HTMLElement>('a') ?? [])];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const next = at === -1 ? rows[0] : rows[at + step];
  next?.focus();
}

export interface RequestListProps {
  unread: ReadonlySet<string>;
  /** The request that was open before, or `new`; null for none. */
  cameFrom: string | null;
}

export function RequestList({ unread, ...props }: RequestListProps) {
  const text = useMessages(words);
  const formats = useFormats();
  const { screen, search, navigate, href } = useScreen();
  const filter = parseFilter(search);
  const requests = useRequests(filter);
  const counts = useCounts();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const [typed, setTyped] = useState(filter.q);
  useTitle(null);

  const show = (next: ListFilter) => navigate(`/${formatFilter(next)}`, { replace: true, keepScroll: true });
  const look = useDebouncedCallback((q: string) => show({ ...filter, q }), TYPING_MS);

  // Back from a request, the focus is where it was. As it was when the list came: it is asked once.
  const [cameFrom] = useState(props.cameFrom);
  const isReady = requests.data !== undefined;
  const { isFetching } = requests;
  const returned = useRef(false);
  useEffect(() => {
    if (cameFrom === null || returned.current || !isReady) return;
    const row = list.current?.querySelector<HTMLElement>(`[data-request="${CSS.escape(cameFrom)}"]`);
    // What was only just raised comes with the next answer.
    if (!row && isFetching) return;
    returned.current = true;
    (row ?? heading.current)?.focus({ preventScroll: !row });
  }, [cameFrom, isReady, isFetching]);

  useHotkeys([
    { keys: 'c', label: text.create, group: text.group, run: () => navigate('/new') },
    { keys: '/', label: text.search, group: text.group, run: () => field.current?.focus() },
    { keys: 'j', label: text.walk, group: text.group, run: () => walk(list.current, 1) },
    { keys: 'k', label: text.walk, group: text.group, run: () => walk(list.current, -1) },
  ]);

  function onListKey(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] as 1 | -1 | undefined;
    if (step === undefined) return;
    event.preventDefault();
    walk(list.current, step);
  }

  const items = requests.data?.pages.flatMap((page) => page.items) ?? [];
  // A request that changed while one went through the pages may be on two of them.
  const rows = [...new Map(items.map((ticket) => [ticket.id, ticket])).values()];
  const isFirst = counts?.all === 0;

  function renderEmpty() {
    const create = (
      <Button component="a" href={href('/new')} leftSection={<AppIcon name="plus" />}>
        {text.create}
      </Button>
    );
    if (filter.q !== '') {
      return (
        <EmptyState
          icon="search"
          title={text.nothingFits(filter.q)}
          action={
            filter.tab !== 'all' && (
              <Button variant="default" onClick={() => show({ ...filter, tab: 'all' })}>
                {text.everywhere}
              </Button>
            )
          }
        >
          {text.nothingFitsMeaning}
        </EmptyState>
      );
    }
    if (filter.tab === 'solved' && !isFirst) {
      return (
        <EmptyState icon="circle-check" title={text.noneSolved}>
          {text.noneSolvedMeaning}
        </EmptyState>
      );
    }
    const isAtAll = isFirst || filter.tab === 'all';
    return (
      <EmptyState
        icon={isAtAll ? 'messages' : 'circle-check'}
        title={isAtAll ? text.noneAtAll : text.noneOpen}
        action={create}
      >
        {isAtAll ? text.noneAtAllMeaning : text.noneOpenMeaning}
      </EmptyState>
    );
  }

  function renderList() {
    if (requests.isPending) return <SkeletonRows rows={6} height={72} lines={2} />;
    if (requests.data === undefined) {
      return <ErrorState error={requests.error} onRetry={() => void requests.refetch()} />;
    }
    if (rows.length === 0) return renderEmpty();
    return (
      <>
        <ul ref={list} className={classes.list} aria-label={text.list} onKeyDown={onListKey}>
          {rows.map((ticket) => (
            <RequestRow key={ticket.id} ticket={ticket} isUnread={unread.has(ticket.id)} />
          ))}
        </ul>
        {requests.isFetchNextPageError && (
          <ErrorState variant="inline" error={requests.error} onRetry={() => void requests.fetchNextPage()} />
        )}
        {requests.hasNextPage && !requests.isFetchNextPageError && (
          <div className={classes.more}>
            <Button
              variant="default"
              loading={requests.isFetchingNextPage}
              onClick={() => void requests.fetchNextPage()}
            >
              {text.more}
            </Button>
          </div>
        )}
      </>
    );
  }

  return (
    <div className={classes.root}>
      <header className={classes.head}>
        <h1 ref={heading} tabIndex={-1} className={classes.heading}>
          {screen.title}
        </h1>
        <Button component="a" href={href('/new')} leftSection={<AppIcon name="plus" />}>
          {text.create}
        </Button>
      </header>
      {!isFirst && (
        <div className={classes.bar}>
          <nav className={classes.tabs} aria-label={text.which}>
            {TABS.map((tab) => (
              <a
                key={tab}
                href={href(`/${formatFilter({ ...filter, tab })}`)}
                className={classes.tab}
                aria-current={filter.tab === tab ? 'page' : undefined}
              >
                {text[tab]}
                {counts && <span className={classes.count}>{formats.number(counts[tab])}</span>}
              </a>
            ))}
          </nav>
          <TextInput
            ref={field}
            type="search"
            className={classes.search ?? ''}
            aria-label={text.search}
            placeholder={text.search}
            leftSection={<AppIcon name="search" />}
            rightSectionWidth={36}
            rightSection={
              typed === '' && (
                <span className={classes.hint}>
                  <KeyHint keys="/" />
                </span>
              )
            }
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              look(event.currentTarget.value.trim());
            }}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              event.preventDefault();
              setTyped('');
              show({ ...filter, q: '' });
              event.currentTarget.blur();
            }}
          />
        </div>
      )}
      <VisuallyHidden role="status">
        {filter.q !== '' && isReady && !requests.isPlaceholderData ? text.found(rows.length) : ''}
      </VisuallyHidden>
      {renderList()}
    </div>
  );
}
