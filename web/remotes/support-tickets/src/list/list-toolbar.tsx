/** Above the list: what it shows, search, filter, order, and the way to a new ticket. */
import type { Ticket } from '@flowbit/api';
import {
  ActionIcon,
  AppIcon,
  Button,
  defineMessages,
  KeyHint,
  Menu,
  Tooltip,
  UnstyledButton,
  useMessages,
} from '@flowbit/ui';
import { type ReactNode, type Ref, useEffect, useState } from 'react';
import { Picker } from '../fields/picker';
import { readWords } from '../model/filter-words';
import { useAssignees, useTeams } from '../model/queries';
import { SORTS, type TicketFilter } from '../model/ticket-filter';
import type { View } from '../model/views';
import { ColumnsMenu } from './columns-menu';
import { FilterChips } from './filter-chips';
import classes from './list-toolbar.module.css';
import { toggleFilter, useFilterOptions } from './use-filter-options';

const words = defineMessages({
  en: {
    search: 'Search tickets',
    searchHow: 'Words narrow it as well: status:open assignee:me tag:refund priority:high is:snoozed',
    clearSearch: 'Clear search',
    filter: 'Filter',
    sort: 'Sort',
    sortedBy: (order: string) => `Sort: ${order}`,
    build: 'Conditions in groups…',
    create: 'New ticket',
    fresh: (count: number) => (count === 1 ? '1 new' : `${count} new`),
    freshSaid: (count: number) => (count === 1 ? '1 new ticket. Show it' : `${count} new tickets. Show them`),
    '-updatedAt': 'Last changed first',
    updatedAt: 'Longest untouched first',
    '-createdAt': 'Newest first',
    createdAt: 'Oldest first',
    '-priority': 'Most urgent first',
    '-number': 'Highest number first',
    number: 'Lowest number first',
    '-resolvedAt': 'Last resolved first',
  },
  de: {
    search: 'Tickets durchsuchen',
    searchHow:
      'Wörter filtern auch: status:offen zuständig:ich schlagwort:retoure priorität:hoch status:zurückgestellt',
    clearSearch: 'Suche leeren',
    filter: 'Filtern',
    sort: 'Sortieren',
    sortedBy: (order: string) => `Reihenfolge: ${order}`,
    build: 'Bedingungen in Gruppen …',
    create: 'Neues Ticket',
    fresh: (count: number) => (count === 1 ? '1 neues' : `${count} neue`),
    freshSaid: (count: number) => (count === 1 ? '1 neues Ticket. Zeigen' : `${count} neue Tickets. Zeigen`),
    '-updatedAt': 'Zuletzt geändert zuerst',
    updatedAt: 'Am längsten unberührt zuerst',
    '-createdAt': 'Neueste zuerst',
    createdAt: 'Älteste zuerst',
    '-priority': 'Dringendste zuerst',
    '-number': 'Höchste Nummer zuerst',
    number: 'Niedrigste Nummer zuerst',
    '-resolvedAt': 'Zuletzt gelöste zuerst',
  },
});

/** Typing asks the server once the fingers rest. */
const SEARCH_DELAY_MS = 220;

const NO_TICKETS: readonly Ticket[] = [];

export interface ListToolbarProps {
  /** The view's name, or the menu of views where they have no column. */
  heading: ReactNode;
  filter: TicketFilter;
  view: View;
  tickets: readonly Ticket[];
  isWide: boolean;
  /** New tickets that wait until the list may move. */
  waiting: number;
  isFilterOpen: boolean;
  searchRef: Ref<HTMLInputElement>;
  onFilterOpenChange(isOpen: boolean): void;
  onChange(filter: TicketFilter): void;
  /** Opens the builder of conditions in groups. */
  onBuild: (() => void) | undefined;
  /** The way to save what the list shows. */
  saving: ReactNode;
  onCreate(): void;
  onShowNew(): void;
  /** From the search field into the list. */
  onLeaveSearch(): void;
}

function SearchField({ filter, tickets, searchRef, onChange, onLeaveSearch }: ListToolbarProps) {
  const text = useMessages(words);
  const assignees = useAssignees().data ?? [];
  const teams = useTeams().data ?? [];
  const [typed, setTyped] = useState(filter.q);
  const [sent, setSent] = useState(filter.q);
  // The address changed by other means: a view was chosen, or the way back taken.
  if (filter.q !== sent) {
    setSent(filter.q);
    setTyped(filter.q);
  }
  useEffect(() => {
    if (typed === filter.q) return;
    const timer = setTimeout(() => {
      setSent(typed);
      onChange({ ...filter, q: typed });
    }, SEARCH_DELAY_MS);
    return () => clearTimeout(timer);
  }, [typed, filter, onChange]);

  /** Words that are filters go to the filters; the others are searched for. */
  function type(value: string, isFinished: boolean) {
    const people = { assignees, teams, requesters: tickets.map(({ requester }) => requester) };
    const { found, rest } = readWords(value, people, isFinished);
    setTyped(rest);
    if (Object.keys(found).length === 0) return;
    setSent(rest);
    onChange({ ...filter, ...found, q: rest });
  }

  return (
    <div className={classes.search}>
      <AppIcon name="search" className={classes.searchIcon} />
      <input
        ref={searchRef}
        type="search"
        className={classes.input}
        aria-label={text.search}
        aria-description={text.searchHow}
        placeholder={text.search}
        title={text.searchHow}
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        value={typed}
        onChange={(event) => type(event.currentTarget.value, false)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            event.preventDefault();
            if (typed === '') onLeaveSearch();
            else setTyped('');
          } else if (event.key === 'Enter' || event.key === 'ArrowDown') {
            event.preventDefault();
            type(typed, true);
            onLeaveSearch();
          }
        }}
      />
      {typed === '' ? (
        <span className={classes.searchKey}>
          <KeyHint keys="/" />
        </span>
      ) : (
        <ActionIcon size={24} aria-label={text.clearSearch} onClick={() => setTyped('')}>
          <AppIcon name="x" size={14} />
        </ActionIcon>
      )}
    </div>
  );
}

export function ListToolbar(props: ListToolbarProps) {
  const { heading, filter, view, tickets, isWide, waiting, isFilterOpen } = props;
  const { onFilterOpenChange, onChange, onCreate } = props;
  const text = useMessages(words);
  // Gathering tags and people of all tickets is only worth it when they show.
  const options = useFilterOptions(filter, view, isFilterOpen ? tickets : NO_TICKETS);
  const order = filter.sort ?? view.sort;
  const isSorted = filter.sort !== null && filter.sort !== view.sort;

  return (
    <div className={classes.root} data-wide={isWide || undefined}>
      <div className={classes.bar}>
        <div className={classes.heading}>
          {heading}
          <span role="status">
            {waiting > 0 && (
              <UnstyledButton
                className={classes.fresh}
                aria-label={text.freshSaid(waiting)}
                onClick={props.onShowNew}
              >
                <AppIcon name="arrow-up" size={14} />
                {text.fresh(waiting)}
              </UnstyledButton>
            )}
          </span>
        </div>
        <SearchField {...props} />
        <div className={classes.actions}>
          <Picker
            label={text.filter}
            options={options}
            isMultiple
            width={280}
            position="bottom-end"
            isOpen={isFilterOpen}
            onOpenChange={onFilterOpenChange}
            onPick={(option) => onChange(toggleFilter(filter, option))}
            {...(props.onBuild
              ? {
                  footer: (
                    <Button variant="subtle" fullWidth size="compact-sm" onClick={props.onBuild}>
                      {text.build}
                    </Button>
                  ),
                }
              : {})}
            target={
              <ActionIcon
                size={32}
                aria-label={text.filter}
                title={text.filter}
                onClick={() => onFilterOpenChange(!isFilterOpen)}
              >
                <AppIcon name="filter" />
              </ActionIcon>
            }
          />
          <Menu position="bottom-end" width={240}>
            <Menu.Target>
              <ActionIcon
                size={32}
                aria-label={text.sortedBy(text[order])}
                title={text.sortedBy(text[order])}
                data-active={isSorted || undefined}
                className={classes.sort}
              >
                <AppIcon name="arrows-sort" />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {SORTS.map((sort) => (
                <Menu.Item
                  key={sort}
                  role="menuitemradio"
                  aria-checked={sort === order}
                  rightSection={sort === order ? <AppIcon name="check" /> : undefined}
                  onClick={() => onChange({ ...filter, sort: sort === view.sort ? null : sort })}
                >
                  {text[sort]}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
          {isWide && <ColumnsMenu filter={filter} view={view} onChange={onChange} />}
          {isWide ? (
            <Button leftSection={<AppIcon name="plus" />} onClick={onCreate}>
              {text.create}
            </Button>
          ) : (
            <Tooltip label={text.create}>
              <ActionIcon
                size={32}
                variant="filled"
                color="accent"
                aria-label={text.create}
                onClick={onCreate}
              >
                <AppIcon name="plus" />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
      </div>
      <FilterChips filter={filter} tickets={tickets} onChange={onChange}>
        {props.saving}
      </FilterChips>
    </div>
  );
}
