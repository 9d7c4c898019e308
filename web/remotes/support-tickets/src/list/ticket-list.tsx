/** The list: virtual rows that hold still under the hand, keys to walk and select, and its states. */
import type { Ticket, ViewColumn } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  defineMessages,
  EmptyState,
  ErrorState,
  KeyHint,
  SkeletonRows,
  useMessages,
} from '@flowbit/ui';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  memo,
  type RefObject,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { useTicketRows } from '../model/queries';
import { unreadTickets } from '../model/stores';
import { isNarrowed, type TicketFilter, withoutFilters } from '../model/ticket-filter';
import { columnTemplate } from './column-template';
import { hasWords, searchedWords } from './marked';
import classes from './ticket-list.module.css';
import { TicketRow } from './ticket-row';
import type { CalmRow } from './use-calm-rows';
import { useDensity } from './use-density';
import { useListKeys } from './use-list-keys';
import type { Selection } from './use-selection';

const words = defineMessages({
  en: {
    list: 'Tickets',
    empty: 'No tickets here',
    emptyOpen: 'All done',
    emptyMeaning: 'Tickets of this view show up here as soon as there are any.',
    emptyFirst: 'Raise a ticket to ask for help. Answers show up here.',
    emptySnoozed: 'Nothing is snoozed',
    emptySnoozedMeaning:
      'Snooze an open ticket, and it waits here until its time or until the requester replies.',
    showOpen: 'Show all open',
    emptyFiltered: 'Nothing fits',
    emptyFilteredMeaning:
      'No ticket of this view has all of this. Take a filter away, or search in all tickets.',
    clear: 'Remove filters',
    create: 'New ticket',
    loadingMore: 'Loading more',
    moreFailed: 'More could not be loaded.',
    retry: 'Try again',
    end: 'That’s all',
  },
  de: {
    list: 'Tickets',
    empty: 'Hier ist kein Ticket',
    emptyOpen: 'Alles erledigt',
    emptyMeaning: 'Sobald es Tickets für diese Ansicht gibt, stehen sie hier.',
    emptyFirst: 'Stellen Sie eine Anfrage, wenn Sie Hilfe brauchen. Antworten erscheinen hier.',
    emptySnoozed: 'Nichts ist zurückgestellt',
    emptySnoozedMeaning:
      'Stellen Sie ein offenes Ticket zurück: Hier wartet es auf seine Zeit oder die Antwort der anfragenden Person.',
    showOpen: 'Alle offenen zeigen',
    emptyFiltered: 'Nichts passt',
    emptyFilteredMeaning:
      'Kein Ticket dieser Ansicht erfüllt das alles. Nehmen Sie einen Filter weg oder suchen Sie in allen Tickets.',
    clear: 'Filter entfernen',
    create: 'Neues Ticket',
    loadingMore: 'Weitere werden geladen',
    moreFailed: 'Weitere konnten nicht geladen werden.',
    retry: 'Noch einmal',
    end: 'Das sind alle',
  },
});

const HEIGHTS = { narrow: 64, narrowDense: 52, wide: 44, wideDense: 32 };
/** What a row is higher by that was not found by its title: room for where the words stand. */
const MATCH_HEIGHTS = { narrow: 24, wide: 20 };
const NONE: ReadonlySet<string> = new Set();
/** Rows before the end at which the next page is asked for. */
const LOAD_AHEAD = 15;

export interface TicketListProps {
  query: ReturnType<typeof useTicketRows>;
  rows: readonly CalmRow[];
  filter: TicketFilter;
  /** What wide rows show beside number and title. */
  columns: readonly ViewColumn[];
  selection: Selection;
  openId: string | null;
  isWide: boolean;
  /** Not seen right now: one column shows something else. */
  isHidden: boolean;
  scrollRef: RefObject<HTMLDivElement | null>;
  hrefOf(ticket: Ticket): string;
  onHold(isHeld: boolean): void;
  onFollow(id: string): void;
  onFilter(filter: TicketFilter): void;
  onCreate(): void;
}

function TicketListView(props: TicketListProps) {
  const { query, rows, filter, columns, selection, openId, isWide, isHidden, scrollRef, hrefOf, onHold } =
    props;
  const text = useMessages(words);
  const { user } = useScreen();
  const unread = useSyncExternalStore(unreadTickets.subscribe, unreadTickets.getSnapshot);
  const [isDense] = useDensity();
  const width = isWide ? 'wide' : 'narrow';
  const height = HEIGHTS[isDense ? (`${width}Dense` as const) : width];
  const found = useFoundBy(filter.q.trim(), query.isPlaceholderData);
  const foundElsewhere = useMemo(() => {
    if (found === null) return NONE;
    const sought = searchedWords(found);
    return new Set(rows.flatMap(({ ticket }) => (hasWords(ticket.title, sought) ? [] : [ticket.id])));
  }, [found, rows]);
  const templates = useMemo(() => {
    const fewer = columns.filter((column) => column !== 'requester');
    return {
      '--columns': columnTemplate(columns),
      '--fewer-columns': columnTemplate(fewer),
    } as CSSProperties;
  }, [columns]);
  const searched = useMemo(() => searchedWords(filter.q), [filter.q]);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: (index) =>
      height + (foundElsewhere.has(rows[index]?.ticket.id ?? '') ? MATCH_HEIGHTS[width] : 0),
    getItemKey: (index) => rows[index]?.ticket.id ?? index,
    overscan: 8,
  });
  const cursor = useListKeys({ ...props, scrollToIndex: (index) => virtualizer.scrollToIndex(index) });

  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when rows are of another height
  useEffect(() => virtualizer.measure(), [height, foundElsewhere]);

  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  useEffect(() => {
    const isNearEnd = last >= rows.length - LOAD_AHEAD;
    if (isNearEnd && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  const hold = useHold(onHold);

  function renderEmpty() {
    const create = (
      <Button
        leftSection={<AppIcon name="plus" />}
        rightSection={<KeyHint keys="c" />}
        onClick={props.onCreate}
      >
        {text.create}
      </Button>
    );
    if (isNarrowed(filter)) {
      return (
        <EmptyState
          icon="search"
          title={text.emptyFiltered}
          action={
            <Button variant="default" onClick={() => props.onFilter(withoutFilters(filter))}>
              {text.clear}
            </Button>
          }
        >
          {text.emptyFilteredMeaning}
        </EmptyState>
      );
    }
    if (filter.view === 'snoozed') {
      return (
        <EmptyState
          icon="snooze"
          title={text.emptySnoozed}
          action={
            <Button variant="default" onClick={() => props.onFilter({ ...filter, view: 'open' })}>
              {text.showOpen}
            </Button>
          }
        >
          {text.emptySnoozedMeaning}
        </EmptyState>
      );
    }
    const isDone = filter.view === 'mine' || filter.view === 'unassigned' || filter.view === 'overdue';
    return (
      <EmptyState
        icon={isDone ? 'circle-check' : 'inbox'}
        title={isDone ? text.emptyOpen : text.empty}
        action={create}
      >
        {user.role === 'user' ? text.emptyFirst : text.emptyMeaning}
      </EmptyState>
    );
  }

  function renderBody() {
    if (query.isPending) {
      return <SkeletonRows rows={12} height={height} lines={isWide ? 1 : 2} />;
    }
    if (query.isError && rows.length === 0) {
      return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    }
    if (rows.length === 0) return renderEmpty();
    const firstId = rows[0]?.ticket.id;
    const activeId = rows.some(({ ticket }) => ticket.id === cursor.activeId) ? cursor.activeId : firstId;
    return (
      <>
        {/* biome-ignore lint/a11y/useSemanticElements: rows are placed by the virtualiser, not by a list's flow */}
        <div
          role="list"
          aria-label={text.list}
          aria-busy={query.isFetching && query.isPlaceholderData}
          className={classes.rows}
          style={{ ...templates, height: virtualizer.getTotalSize() }}
          data-dimmed={query.isPlaceholderData || undefined}
        >
          {items.map(({ index, key, start, size }) => {
            const row = rows[index];
            if (!row) return null;
            const { id } = row.ticket;
            return (
              // biome-ignore lint/a11y/useSemanticElements: as above
              <div
                key={key}
                role="listitem"
                aria-setsize={hasNextPage ? -1 : rows.length}
                aria-posinset={index + 1}
                className={classes.row}
                style={{ height: size, transform: `translateY(${start}px)` }}
              >
                <TicketRow
                  ticket={row.ticket}
                  href={hrefOf(row.ticket)}
                  isWide={isWide}
                  columns={columns}
                  isOpen={id === openId}
                  isActive={id === activeId}
                  isUnread={unread.has(id)}
                  isLeaving={row.isLeaving}
                  isSelected={selection.isPossible ? selection.ids.has(id) : undefined}
                  searched={searched}
                  foundBy={foundElsewhere.has(id) ? found : null}
                  onActivate={cursor.activate}
                  onSelect={selection.toggle}
                />
              </div>
            );
          })}
        </div>
        <div className={classes.foot} role="status">
          {isFetchingNextPage && text.loadingMore}
          {isFetchNextPageError && (
            <>
              {text.moreFailed}{' '}
              <Button size="compact-sm" variant="subtle" onClick={() => void fetchNextPage()}>
                {text.retry}
              </Button>
            </>
          )}
          {!hasNextPage && rows.length > LOAD_AHEAD && text.end}
        </div>
      </>
    );
  }

  return (
    <div className={classes.root} inert={isHidden}>
      <div ref={scrollRef} className={classes.scroll} tabIndex={-1} {...hold}>
        {renderBody()}
      </div>
    </div>
  );
}

export const TicketList = memo(TicketListView);

/** The words that the rows on screen were found by; null for none. Rows stay while others are typed. */
function useFoundBy(q: string, areOfBefore: boolean): string | null {
  const [settled, setSettled] = useState(q);
  if (!areOfBefore && settled !== q) setSettled(q);
  return (areOfBefore ? settled : q) || null;
}

/** Whether somebody points at the list, has the focus in it or has scrolled. */
function useHold(onHold: (isHeld: boolean) => void) {
  const reasons = useRef({ pointer: false, focus: false, scroll: false });
  const [isHeld, setHeld] = useState(false);
  useEffect(() => onHold(isHeld), [isHeld, onHold]);
  function set(reason: Partial<typeof reasons.current>) {
    Object.assign(reasons.current, reason);
    const { pointer, focus, scroll } = reasons.current;
    setHeld(pointer || focus || scroll);
  }
  return {
    onPointerEnter: (event: React.PointerEvent) => set({ pointer: event.pointerType === 'mouse' }),
    onPointerLeave: () => set({ pointer: false }),
    onFocus: () => set({ focus: true }),
    onBlur: (event: React.FocusEvent) =>
      set({ focus: event.currentTarget.contains(event.relatedTarget as Node | null) }),
    onScroll: (event: React.UIEvent) => set({ scroll: event.currentTarget.scrollTop > 4 }),
  };
}
