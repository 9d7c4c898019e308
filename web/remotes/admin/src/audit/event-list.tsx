/** Events by day, newest first; those that open stay open while others come. */
import type { AuditItem } from '@flowbit/api';
import { defineMessages, Skeleton, useFormats, useMessages } from '@flowbit/ui';
import { type RefObject, useMemo } from 'react';
import { useListKeys } from '../parts/use-list-keys';
import type { AuditFilter } from './audit-filter';
import classes from './event-list.module.css';
import { EventRow } from './event-row';

const words = defineMessages({
  en: { today: 'Today', yesterday: 'Yesterday', loading: 'Loading' },
  de: { today: 'Heute', yesterday: 'Gestern', loading: 'Wird geladen' },
});

const DAY_MS = 86_400_000;

export interface EventListProps {
  root: RefObject<HTMLDivElement | null>;
  events: readonly AuditItem[];
  open: ReadonlySet<number>;
  onToggle(seq: number): void;
  onNarrow(filter: AuditFilter): void;
}

/** Neighbours of one local day, in the order given. */
export function groupByDay<Item extends { timestamp: string }>(
  items: readonly Item[],
): [day: string, items: Item[]][] {
  const groups: [string, Item[]][] = [];
  for (const item of items) {
    const day = new Date(item.timestamp).toDateString();
    const last = groups.at(-1);
    if (last?.[0] === day) last[1].push(item);
    else groups.push([day, [item]]);
  }
  return groups;
}

/** Places of rows while they load, with widths that look like text. */
const WIDTHS = [58, 42, 66, 50, 72, 46, 61, 54, 48, 64, 44, 57];

export function EventSkeleton() {
  const text = useMessages(words);
  return (
    <div role="status" aria-label={text.loading}>
      <div className={classes.day}>
        <Skeleton height={10} width={64} radius={3} my={5} />
      </div>
      {WIDTHS.map((width) => (
        <div key={width} className={classes.placeholder}>
          <Skeleton height={14} width={14} radius={3} />
          <Skeleton height={10} width={`${width}%`} radius={3} />
          <Skeleton height={10} width={72} radius={3} />
        </div>
      ))}
    </div>
  );
}

export function EventList({ root, events, open, onToggle, onNarrow }: EventListProps) {
  const text = useMessages(words);
  const formats = useFormats();
  const groups = useMemo(() => groupByDay(events), [events]);
  useListKeys({
    root,
    rows: events,
    rowKey: (event) => String(event.seq),
    selectedKey: null,
    onOpen: (event) => onToggle(event.seq),
  });

  function nameOf(day: string): string {
    if (day === new Date().toDateString()) return text.today;
    if (day === new Date(Date.now() - DAY_MS).toDateString()) return text.yesterday;
    return formats.date(new Date(day));
  }

  return (
    <div ref={root}>
      {groups.map(([day, items]) => (
        <section key={day} aria-label={nameOf(day)}>
          <h2 className={classes.day}>{nameOf(day)}</h2>
          <ol className={classes.list}>
            {items.map((event) => (
              <EventRow
                key={event.seq}
                event={event}
                isOpen={open.has(event.seq)}
                onToggle={onToggle}
                onNarrow={onNarrow}
              />
            ))}
          </ol>
        </section>
      ))}
    </div>
  );
}
