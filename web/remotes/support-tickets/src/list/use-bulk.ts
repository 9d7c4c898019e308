/** Doing one thing to many tickets: what the server says of each is shown, and a deletion can be taken back. */
import { type BulkChange, type BulkResult, queryKeys, type Ticket, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, describeError, useMessages } from '@flowbit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { dropInLists, rowsKey } from '../model/queries';

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
    failed: 'Nicht alle Tickets wurden geändert',
    undo: 'Rückgängig',
    restored: (count: number) => (count === 1 ? '1 Ticket ist wieder da' : `${count} Tickets sind wieder da`),
    notRestored: 'Nicht alle Tickets kamen zurück',
  },
});

/** So many at a time: others' changes of the company are not held up, and it can be seen how far it is. */
const AT_ONCE = 50;

export interface Bulk {
  /** How far it is, while it goes on. */
  progress: { done: number; all: number } | null;
  change(tickets: readonly Ticket[], change: Omit<BulkChange, 'ids'>): Promise<void>;
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

  function reasonsOf(results: readonly BulkResult[]): string {
    const codes = new Set(results.flatMap(({ code }) => code ?? []));
    const known = ['not_found', 'forbidden', 'validation_failed'] as const;
    return known.flatMap((code) => (codes.has(code) ? text[code] : [])).join(', ');
  }

  function tell(results: readonly BulkResult[], all: number, said: (count: number) => string) {
    const done = results.filter(({ outcome }) => outcome !== 'refused').length;
    if (done < results.length) {
      const detail = text.refused(reasonsOf(results));
      toast({ kind: 'warning', title: text.partly(done, all), detail, key: 'bulk' });
    } else if (results.length === all) {
      const isSame = results.every(({ outcome }) => outcome === 'unchanged');
      toast({ kind: 'success', title: isSame ? text.unchanged : said(done), key: 'bulk' });
    }
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
      tell(await send(tickets, change), tickets.length, text.changed);
    },
    async remove(tickets, onDone) {
      const results = await send(tickets, { delete: true });
      const gone = results.filter(({ outcome }) => outcome === 'deleted').map(({ id }) => id);
      for (const id of gone) dropInLists(queryClient, id);
      if (gone.length === 0) return tell(results, tickets.length, text.deleted);
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
