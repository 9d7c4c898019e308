/** The audit trail: who did what and when, filtered, verified, taken along. */
import { type AuditItem, queryKeys, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  defineMessages,
  EmptyState,
  PageHeader,
  plural,
  useFormats,
  useLocale,
  useMessages,
} from '@flowbit/ui';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { findUser } from '../parts/find-user';
import { LoadError } from '../parts/load-error';
import { LoadMore } from '../parts/load-more';
import { AuditBar } from './audit-bar';
import { type AuditFilter, isFiltered, readFilter, writeFilter } from './audit-filter';
import { useAuditTrail, useNewEvents } from './audit-queries';
import classes from './audit-screen.module.css';
import { EventList, EventSkeleton } from './event-list';
import { ticketNumberOf } from './event-words';
import { ExportMenu } from './export-menu';
import { VerifyPanel } from './verify-panel';

const words = defineMessages({
  en: {
    description:
      'Everything that happened in your company, in an order that can’t be changed afterwards without it showing.',
    verify: 'Verify',
    none: 'Nothing has happened yet',
    noneMeaning: 'Sign-ins, tickets, changes to users and workflows: each leaves an event here.',
    notFound: 'No event fits',
    notFoundMeaning: 'Remove a filter, or choose a longer time.',
    clear: 'Show all events',
    begin: 'This is where the trail begins.',
    end: 'No older event fits.',
    fresh: (count: string) => `Show ${count} new events`,
    freshOne: 'Show one new event',
  },
  de: {
    description:
      'Alles, was in Ihrem Unternehmen geschah, in einer Reihe, die sich nachträglich nicht unbemerkt ändern lässt.',
    verify: 'Prüfen',
    none: 'Es ist noch nichts geschehen',
    noneMeaning:
      'Anmeldungen, Tickets, Änderungen an Benutzern und Automatisierung: Alles hinterlässt hier ein Ereignis.',
    notFound: 'Kein Ereignis passt',
    notFoundMeaning: 'Nehmen Sie einen Filter weg oder wählen Sie eine längere Zeit.',
    clear: 'Alle Ereignisse zeigen',
    begin: 'Hier beginnt das Protokoll.',
    end: 'Kein älteres Ereignis passt.',
    fresh: (count: string) => `${count} neue Ereignisse zeigen`,
    freshOne: 'Ein neues Ereignis zeigen',
  },
});

/** Scrolled further than this, somebody is reading. */
const REST_PX = 40;

/** What a filtered person and ticket are called: as the events shown tell, else as the server says. */
function useNames({ userId, ticketId }: AuditFilter, events: readonly AuditItem[] | undefined) {
  const { client } = useScreen();
  const person = events?.find((event) => event.userId === userId)?.actor.name;
  const told = events?.find((event) => event.ticketId === ticketId && ticketNumberOf(event) !== null);
  const number = told ? (ticketNumberOf(told) ?? undefined) : undefined;
  const ticketQuery = useQuery({
    queryKey: queryKeys.tickets.detail(ticketId ?? ''),
    enabled: ticketId !== undefined && events !== undefined && number === undefined,
    retry: false,
    queryFn: ({ signal }) =>
      unwrap(client.GET('/api/tickets/{id}', { params: { path: { id: ticketId ?? '' } }, signal })),
  });
  const personQuery = useQuery({
    queryKey: [...queryKeys.admin.users, 'one', userId ?? ''],
    enabled: userId !== undefined && events !== undefined && person === undefined,
    retry: false,
    queryFn: ({ signal }) => findUser(client, userId ?? '', signal),
  });
  return {
    personName: person ?? personQuery.data?.name,
    ticketNumber: number ?? ticketQuery.data?.number,
  };
}

export function AuditScreen() {
  const text = useMessages(words);
  const locale = useLocale();
  const formats = useFormats();
  const { screen, navigate, search, path } = useScreen();
  const filter = readFilter(search);
  const trail = useAuditTrail(filter);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const root = useRef<HTMLDivElement>(null);

  const events = trail.data?.pages.flatMap((page) => page.items);
  const isAtRest = () => open.size === 0 && (root.current?.closest('main')?.scrollTop ?? 0) < REST_PX;
  const fresh = useNewEvents(filter, events?.[0]?.seq, isAtRest);
  const { personName, ticketNumber } = useNames(filter, events);

  const isVerifying = path === '/verify';
  const query = writeFilter(filter);
  const change = (next: AuditFilter) =>
    navigate(`${isVerifying ? '/verify' : '/'}${writeFilter(next)}`, { keepScroll: true });

  function toggle(seq: number) {
    const next = new Set(open);
    if (!next.delete(seq)) next.add(seq);
    setOpen(next);
  }

  function showFresh() {
    setOpen(new Set());
    root.current?.closest('main')?.scrollTo({ top: 0 });
    fresh.show();
  }

  function renderEvents() {
    if (events === undefined) {
      if (trail.isError) return <LoadError error={trail.error} onRetry={() => void trail.refetch()} />;
      return <EventSkeleton />;
    }
    if (events.length === 0) {
      return isFiltered(filter) ? (
        <EmptyState
          icon="filter"
          title={text.notFound}
          action={
            <Button variant="default" onClick={() => change({})}>
              {text.clear}
            </Button>
          }
        >
          {text.notFoundMeaning}
        </EmptyState>
      ) : (
        <EmptyState icon="shield-check" title={text.none}>
          {text.noneMeaning}
        </EmptyState>
      );
    }
    return (
      <>
        <EventList
          root={root}
          events={events}
          open={open}
          onToggle={toggle}
          onNarrow={(part) => change({ ...filter, ...part })}
        />
        <LoadMore query={trail} end={isFiltered(filter) ? text.end : text.begin} />
      </>
    );
  }

  return (
    <>
      <PageHeader
        title={screen.title}
        description={text.description}
        actions={
          <>
            <ExportMenu filter={filter} />
            <Button
              leftSection={<AppIcon name="shield-check" />}
              aria-pressed={isVerifying}
              onClick={() => navigate(`/verify${query}`)}
            >
              {text.verify}
            </Button>
          </>
        }
      >
        {isVerifying && <VerifyPanel onClose={() => navigate(`/${query}`, { keepScroll: true })} />}
        <AuditBar filter={filter} personName={personName} ticketNumber={ticketNumber} onChange={change} />
      </PageHeader>
      {fresh.count > 0 && (
        <div className={classes.fresh}>
          <Button size="compact-sm" leftSection={<AppIcon name="arrow-up" size={14} />} onClick={showFresh}>
            {plural(locale, fresh.count, {
              one: text.freshOne,
              other: text.fresh(formats.number(fresh.count)),
            })}
          </Button>
        </div>
      )}
      {renderEvents()}
    </>
  );
}
