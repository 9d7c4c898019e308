/** What a notice says: who did what. */
import type { NoticeKind } from '@flowbit/api';
import { defineMessages } from '@flowbit/ui';

export const noticeWords = defineMessages({
  en: {
    assigned: (who: string) => `${who} assigned you`,
    mentioned: (who: string) => `${who} mentioned you`,
    replied: (who: string) => `${who} replied`,
    noted: (who: string) => `${who} left an internal note`,
    statusChanged: (who: string) => `${who} changed the status`,
    woken: () => 'A snoozed ticket is back',
    answered: (who: string) => `${who} answered you`,
    resolved: (who: string) => `${who} resolved your ticket`,
  },
  de: {
    assigned: (who: string) => `${who} hat Ihnen das Ticket zugewiesen`,
    mentioned: (who: string) => `${who} hat Sie erwähnt`,
    replied: (who: string) => `${who} hat geantwortet`,
    noted: (who: string) => `${who} hat eine interne Notiz angelegt`,
    statusChanged: (who: string) => `${who} hat den Status geändert`,
    woken: () => 'Ein zurückgestelltes Ticket ist wieder da',
    answered: (who: string) => `${who} hat Ihnen geantwortet`,
    resolved: (who: string) => `${who} hat Ihr Ticket gelöst`,
  },
});

export const kindWords = defineMessages({
  en: {
    assigned: 'A ticket is assigned to me',
    mentioned: 'Somebody mentions me',
    replied: 'A reply on a ticket that I work on or watch',
    noted: 'An internal note on one',
    statusChanged: 'Another status of one',
    woken: 'One that was snoozed is back',
    answered: 'My ticket is answered',
    resolved: 'My ticket is resolved',
  },
  de: {
    assigned: 'Ein Ticket wird mir zugewiesen',
    mentioned: 'Jemand erwähnt mich',
    replied: 'Eine Antwort zu einem Ticket, das ich bearbeite oder beobachte',
    noted: 'Eine interne Notiz dazu',
    statusChanged: 'Ein anderer Status',
    woken: 'Es wird nach dem Zurückstellen wieder vorgelegt',
    answered: 'Mein Ticket wird beantwortet',
    resolved: 'Mein Ticket wird gelöst',
  },
});

/** What who only raises tickets can be told of; who works on them, also of the rest. */
export const REQUESTER_KINDS: readonly NoticeKind[] = ['answered', 'resolved', 'mentioned'];
export const STAFF_KINDS: readonly NoticeKind[] = [
  'assigned',
  'mentioned',
  'replied',
  'noted',
  'statusChanged',
  'woken',
  'answered',
  'resolved',
];
