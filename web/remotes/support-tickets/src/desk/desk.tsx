/** The split view: views, list, ticket. The address says what is shown; this puts it side by side. */
import type { Ticket } from '@flowbit/api';
import { useCommands, useRoute, useScreen, useTitle } from '@flowbit/contract';
import { defineMessages, useHotkeys, useMessages } from '@flowbit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { NewTicket } from '../creation/new-ticket';
import { useViewName } from '../fields/view-name';
import { BulkBar } from '../list/bulk-bar';
import { ListToolbar } from '../list/list-toolbar';
import { TicketList } from '../list/ticket-list';
import { useCalmRows } from '../list/use-calm-rows';
import { useSelection } from '../list/use-selection';
import { dropInLists, useSavedViews, useTicketRows, useViewNumbers } from '../model/queries';
import {
  expressionOf,
  formatFilter,
  isNarrowed,
  parseFilter,
  type TicketFilter,
  toTicketQuery,
  USUAL_COLUMNS,
} from '../model/ticket-filter';
import { flattenPages } from '../model/ticket-pages';
import { showsOriginal, ticketPath } from '../model/ticket-path';
import { useLiveTickets } from '../model/use-live-tickets';
import { useOwnStores } from '../model/use-own-stores';
import { useServerDrafts } from '../model/use-server-drafts';
import { findView, isSavedId, pathOfView, viewsFor } from '../model/views';
import { ViewMenu } from '../views/view-menu';
import { ViewsColumn } from '../views/views-column';
import classes from './desk.module.css';
import { TicketProgram, useEarlyTicketProgram } from './ticket-program';
import { useColumns } from './use-columns';

const words = defineMessages({
  en: {
    group: 'Tickets',
    create: 'New ticket',
    search: 'Search tickets',
    filter: 'Filter tickets',
    back: 'One step back',
    list: 'List of tickets',
  },
  de: {
    group: 'Tickets',
    create: 'Neues Ticket',
    search: 'Tickets durchsuchen',
    filter: 'Tickets filtern',
    back: 'Einen Schritt zurück',
    list: 'Liste der Tickets',
  },
});

/** Asked for rarely: the list does not wait for them. */
const SaveView = lazy(async () => ({ default: (await import('../views/save-view')).SaveView }));
const FilterBuilder = lazy(async () => ({
  default: (await import('../builder/filter-builder')).FilterBuilder,
}));

const routes = { list: '/', creation: '/new', ticket: '/:id' } as const;

export function Desk() {
  const text = useMessages(words);
  const nameOf = useViewName();
  const { user, search, navigate, href, can } = useScreen();
  const route = useRoute(routes);
  const openId = route?.name === 'ticket' ? route.params.id : null;

  const queryClient = useQueryClient();
  const root = useRef<HTMLDivElement>(null);
  const columns = useColumns(root);
  const isListHidden = columns.isSingle && openId !== null;
  const isWide = openId === null && !columns.isSingle;

  const filter = useMemo(() => parseFilter(search, user.role), [search, user.role]);
  const isStaff = can('agent', 'admin');
  const savedViews = useSavedViews();
  const { data: saved } = savedViews;
  const view = useMemo(() => findView(user.role, filter.view, saved), [user.role, filter.view, saved]);
  const views = useMemo(
    () => [...viewsFor(user.role), ...(saved ?? []).map(({ id }) => findView(user.role, id, saved))],
    [user.role, saved],
  );
  const query = useMemo(() => toTicketQuery(filter, view), [filter, view]);
  const columnsShown = filter.columns ?? view.columns ?? USUAL_COLUMNS;
  const suffix = formatFilter(filter, user.role);
  const rowsQuery = useTicketRows(query, !isSavedId(filter.view) || !savedViews.isPending);
  const numbers = useViewNumbers();
  useOwnStores();
  useServerDrafts();
  useLiveTickets(openId);
  useEarlyTicketProgram();
  useTitle(openId === null ? nameOf(view) : null);

  const tickets = useMemo(() => flattenPages(rowsQuery.data), [rowsQuery.data]);
  const [isHeld, setHeld] = useState(false);
  const calm = useCalmRows(tickets, JSON.stringify(query), isHeld);
  const ids = useRef<readonly string[]>([]);
  useEffect(() => {
    ids.current = calm.rows.map(({ ticket }) => ticket.id);
  });
  const selection = useSelection(ids, isStaff);
  const selected = calm.rows.flatMap(({ ticket }) => (selection.ids.has(ticket.id) ? [ticket] : []));
  const { clear: clearSelection } = selection;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list, another choice
  useEffect(clearSelection, [query, clearSelection]);
  const knownTags = useMemo(() => [...new Set(tickets.flatMap(({ tags }) => tags))], [tickets]);

  const scroll = useRef<HTMLDivElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const [isFilterOpen, setFilterOpen] = useState(false);
  const [isBuilding, setBuilding] = useState(false);
  const [focusRequest, setFocusRequest] = useState(0);

  const showFilter = useCallback(
    (next: TicketFilter) =>
      navigate(
        openId === null
          ? `/${formatFilter(next, user.role)}`
          : ticketPath(openId, new URLSearchParams(formatFilter(next, user.role)), {
              isOriginal: showsOriginal(search),
            }),
        { replace: true, keepScroll: true },
      ),
    [navigate, openId, search, user.role],
  );
  const [isCreating, setCreating] = useState(false);
  const create = useCallback(() => setCreating(true), []);
  const isAskedToCreate = route?.name === 'creation';
  useEffect(() => {
    // The palette's way in, from any screen; the dialog itself has no address.
    if (!isAskedToCreate) return;
    setCreating(true);
    navigate(`/${suffix}`, { replace: true });
  }, [isAskedToCreate, navigate, suffix]);

  const focusList = useCallback((id: string | null) => {
    const row = id === null ? null : scroll.current?.querySelector(`[data-ticket="${CSS.escape(id)}"]`);
    const target = row ?? scroll.current?.querySelector('a[data-ticket][tabindex="0"]') ?? scroll.current;
    if (target instanceof HTMLElement) target.focus({ preventScroll: row === null });
  }, []);

  const close = useCallback(() => {
    // At once: the next key may be a step from there.
    flushSync(() => navigate(`/${suffix}`, { keepScroll: true }));
    focusList(openId);
  }, [navigate, suffix, focusList, openId]);

  function stepBack() {
    if (selected.length > 0) selection.clear();
    else if (openId !== null) close();
    else if (filter.q !== '') showFilter({ ...filter, q: '' });
  }

  const { group } = text;
  useHotkeys([
    { keys: 'c', label: text.create, group, run: create },
    { keys: '/', label: text.search, group, run: () => searchField.current?.focus() },
    { keys: 'f', label: text.filter, group, run: () => setFilterOpen(true) },
    { keys: 'Escape', label: text.back, group, run: stepBack },
  ]);

  useCommands(
    useMemo(
      () =>
        views.map((one) => ({
          id: `view:${one.id}`,
          label: nameOf(one),
          icon: one.icon,
          run: () => navigate(pathOfView(user.role, one.id)),
        })),
      [views, user.role, navigate, nameOf],
    ),
  );

  const follow = useCallback(
    (id: string) => navigate(`/${id}${suffix}`, { replace: true, keepScroll: true }),
    [navigate, suffix],
  );
  const hrefOf = useCallback((ticket: Ticket) => href(`/${ticket.id}${suffix}`), [href, suffix]);

  const hasSaving =
    view.saved !== undefined || isNarrowed(filter) || filter.sort !== null || filter.columns !== null;

  // The page's first heading is the ticket's title once there is one.
  const Heading = openId === null ? 'h1' : 'h2';

  return (
    <div
      ref={root}
      className={classes.root}
      data-columns={columns.isSingle ? 'one' : columns.hasViews ? 'views' : 'list'}
      data-open={openId !== null || undefined}
    >
      {columns.hasViews && (
        <div className={classes.views}>
          <ViewsColumn views={views} current={view} numbers={numbers} />
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: follows the links inside, which have the keys */}
      <section
        className={classes.list}
        aria-label={text.list}
        data-hidden={isListHidden || undefined}
        onClick={(event) => {
          const isRow = event.target instanceof Element && event.target.closest('a[data-ticket]');
          const isPlain = !event.metaKey && !event.ctrlKey && !event.shiftKey;
          if (isRow && isPlain) setFocusRequest((count) => count + 1);
        }}
      >
        <ListToolbar
          heading={
            columns.hasViews ? (
              <Heading className={classes.heading}>{nameOf(view)}</Heading>
            ) : (
              <Heading className={classes.choice}>
                <ViewMenu views={views} current={view} numbers={numbers} />
              </Heading>
            )
          }
          filter={filter}
          view={view}
          tickets={tickets}
          isWide={isWide}
          waiting={calm.waiting}
          isFilterOpen={isFilterOpen}
          searchRef={searchField}
          onFilterOpenChange={setFilterOpen}
          onChange={showFilter}
          onBuild={
            isStaff
              ? () => {
                  setFilterOpen(false);
                  setBuilding(true);
                }
              : undefined
          }
          saving={
            isStaff && hasSaving ? (
              <Suspense>
                <SaveView filter={filter} view={view} />
              </Suspense>
            ) : null
          }
          onCreate={create}
          onShowNew={() => {
            calm.release();
            scroll.current?.scrollTo({ top: 0 });
          }}
          onLeaveSearch={() => focusList(null)}
        />
        <TicketList
          query={rowsQuery}
          rows={calm.rows}
          filter={filter}
          columns={columnsShown}
          selection={selection}
          openId={openId}
          isWide={isWide}
          isHidden={isListHidden}
          scrollRef={scroll}
          hrefOf={hrefOf}
          onHold={setHeld}
          onFollow={follow}
          onFilter={showFilter}
          onCreate={create}
        />
        {selected.length > 0 && (
          <BulkBar tickets={selected} knownTags={knownTags} onClear={selection.clear} />
        )}
      </section>
      {openId !== null && (
        <div className={classes.ticket}>
          <TicketProgram
            ticketId={openId}
            knownTags={knownTags}
            isSingle={columns.isSingle}
            hasSide={columns.hasSide}
            focusRequest={focusRequest}
            onClose={close}
            onDeleted={(id) => {
              dropInLists(queryClient, id);
              calm.forget(id);
              close();
            }}
          />
        </div>
      )}
      {isBuilding && (
        <Suspense>
          <FilterBuilder
            expression={view.saved ? expressionOf(filter, view) : filter.expression}
            knownTags={knownTags}
            onClose={() => setBuilding(false)}
            onApply={(expression) => showFilter({ ...filter, expression })}
          />
        </Suspense>
      )}
      <NewTicket
        isOpen={isCreating}
        knownTags={knownTags}
        onClose={() => setCreating(false)}
        onCreated={(ticket) => {
          setCreating(false);
          calm.release();
          navigate(`/${ticket.id}${suffix}`);
          setFocusRequest((count) => count + 1);
        }}
      />
    </div>
  );
}
