/** Doing one thing to many tickets: what the server says of each is shown; snoozing and deleting can be undone. */
import { type BulkChange, type BulkResult, queryKeys, type Ticket, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, describeError, useMessages } from '@flowbit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { dropInLists, rowsKey } from '../model/queries';
import { type AlikeSnoozed, groupBySnooze } from '../snooze/group-by-snooze';

const words = defineMessages({
  en: {
    changed: (count: number) => (count === 1 ? '1 ticket changed' : `${count} tickets changed`),
    unchanged: 'They were so already',
    deleted: (count: number) => (count === 1 ? '1 ticket deleted' : `${count} tickets deleted`),
    partly: (done: number, all: number) => `${done} of ${all} tickets changed`,
    refused: (reasons: string) => `The others: ${reasons}.`,
    not_found: 'no longer there',
    forbidden: 'your role does not allow it',
    validation_failed: 'too many tags',
    merged: 'merged into another ticket',
    solved: 'resolved or closed',
    snoozed: (count: number) => (count === 1 ? '1 ticket snoozed' : `${count} tickets snoozed`),
    woken: (count: number) => (count === 1 ? '1 ticket is awake again' : `${count} tickets are awake again`),
    failed: 'Not all tickets were changed',
    undo: 'Undo',
    restored: (count: number) => (count === 1 ? '1 ticket is back' : `${count} tickets are back`),
    notRestored: 'Not all tickets came back',
  },
  de: {
    changed: (count: number) => (count === 1 ? '1 Ticket geändert' : `${count} Tickets geändert`),
    unchanged: 'Sie waren schon so',
    deleted: (count: number) => (count === 1 ? '1 Ticket gelöscht' : `${count} Tickets gelöscht`),
    partly: (done: number, all: number) => `${done} von ${all} Tickets geändert`,
    refused: (reasons: string) => `Die anderen: ${reasons}.`,
    not_found: 'nicht mehr vorhanden',
    forbidden: 'Ihre Rolle erlaubt es nicht',
    validation_failed: 'zu viele Schlagwörter',
    merged: 'mit einem anderen zusammengeführt',
    solved: 'gelöst oder geschlossen',
    snoozed: (count: number) => (count === 1 ? '1 Ticket zurückgestellt' : `${count} Tickets zurückgestellt`),
    woken: (count: number) =>
      count === 1 ? '1 Ticket liegt wieder vor' : `${count} Tickets liegen wieder vor`,
    failed: 'Nicht alle Tickets wurden geändert',
    undo: 'Rückgängig',
    restored: (count: number) => (count === 1 ? '1 Ticket ist wieder da' : `${count} Tickets sind wieder da`),
    notRestored: 'Nicht alle Tickets kamen zurück',
  },
});

/** What is said of the results. */
interface Telling {
  said(count: number): string;
  /** Why a ticket could not be so. */
  invalid?: string;
  undo?: () => void;
}

/** So many at a time: others' changes of the company are not held up, and it can be seen how far it is. */
const AT_ONCE = 50;

export interface Bulk {
  /** How far it is, while it goes on. */
  progress: { done: number; all: number } | null;
  change(tickets: readonly Ticket[], change: Omit<BulkChange, 'ids'>): Promise<void>;
  /** Null wakes them. */
  snooze(tickets: readonly Ticket[], snooze: AlikeSnoozed['snooze']): Promise<void>;
  remove(tickets: readonly Ticket[], onDone: () => void): Promise<void>;
}

export function useBulk(): Bulk {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { client, toast } = useScreen();
  const queryClient = useQueryClient();
  const [progress, setProgress] = useState<Bulk['progress']>(null);

  function fail(title: string, error: unknown) {
    const { title: what, meaning } = describe(error);
    toast({ kind: 'error', title, detail: `${what}. ${meaning}`, key: 'bulk' });
  }

  /** The results of those that were reached; what stopped it has been said. */
  async function send(tickets: readonly Ticket[], change: Omit<BulkChange, 'ids'>): Promise<BulkResult[]> {
    const results: BulkResult[] = [];
    const all = tickets.length;
    setProgress({ done: 0, all });
    try {
      for (let at = 0; at < all; at += AT_ONCE) {
        const ids = tickets.slice(at, at + AT_ONCE).map(({ id }) => id);
        // Sent again by the network it still happens once.
        const header = { 'Idempotency-Key': crypto.randomUUID() };
        const body = { ids, ...change };
        const answer = await unwrap(client.POST('/api/tickets/bulk', { params: { header }, body }));
        results.push(...answer.results);
        setProgress({ done: results.length, all });
      }
    } catch (error) {
      fail(text.failed, error);
    } finally {
      setProgress(null);
      void queryClient.invalidateQueries({ queryKey: rowsKey });
      for (const { id } of tickets)
        void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.detail(id) });
    }
    return results;
  }

  function reasonsOf(results: readonly BulkResult[], invalid: string): string {
    const reasons = { ...text, validation_failed: invalid };
    const codes = new Set(results.flatMap(({ code }) => code ?? []));
    const known = ['not_found', 'forbidden', 'validation_failed', 'merged'] as const;
    return known.flatMap((code) => (codes.has(code) ? reasons[code] : [])).join(', ');
  }

  function tell(results: readonly BulkResult[], all: number, { said, invalid, undo }: Telling) {
    const action = undo ? { action: { label: text.undo, run: undo } } : {};
    const done = results.filter(({ outcome }) => outcome !== 'refused').length;
    if (done < results.length) {
      const detail = text.refused(reasonsOf(results, invalid ?? text.validation_failed));
      toast({ kind: 'warning', title: text.partly(done, all), detail, ...action, key: 'bulk' });
    } else if (results.length === all) {
      const isSame = results.every(({ outcome }) => outcome === 'unchanged');
      toast({ kind: 'success', title: isSame ? text.unchanged : said(done), ...action, key: 'bulk' });
    }
  }

  /** Each is snoozed again as it was, or not. */
  async function undoSnooze(tickets: readonly Ticket[]) {
    const results: BulkResult[] = [];
    for (const alike of groupBySnooze(tickets)) {
      results.push(...(await send(alike.tickets, { snooze: alike.snooze })));
    }
    tell(results, tickets.length, { said: text.changed, invalid: text.solved });
  }

  async function restore(ids: readonly string[]) {
    try {
      for (const id of ids) {
        await unwrap(client.POST('/api/tickets/{id}/restore', { params: { path: { id } } }));
      }
      toast({ kind: 'success', title: text.restored(ids.length), key: 'bulk' });
    } catch (error) {
      fail(text.notRestored, error);
    }
    void queryClient.invalidateQueries({ queryKey: rowsKey });
  }

  return {
    progress,
    async change(tickets, change) {
      tell(await send(tickets, change), tickets.length, { said: text.changed });
    },
    async snooze(tickets, snooze) {
      const results = await send(tickets, { snooze });
      const done = new Set(results.flatMap(({ id, outcome }) => (outcome === 'changed' ? id : [])));
      const changed = tickets.filter(({ id }) => done.has(id));
      tell(results, tickets.length, {
        said: snooze === null ? text.woken : text.snoozed,
        invalid: text.solved,
        ...(changed.length > 0 ? { undo: () => void undoSnooze(changed) } : {}),
      });
    },
    async remove(tickets, onDone) {
      const results = await send(tickets, { delete: true });
      const gone = results.filter(({ outcome }) => outcome === 'deleted').map(({ id }) => id);
      for (const id of gone) dropInLists(queryClient, id);
      if (gone.length === 0) return tell(results, tickets.length, { said: text.deleted });
      onDone();
      toast({
        kind: 'success',
        title: text.deleted(gone.length),
        action: { label: text.undo, run: () => void restore(gone) },
        key: 'bulk',
      });
    },
  };
}
