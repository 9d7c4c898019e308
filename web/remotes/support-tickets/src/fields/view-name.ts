/** Names of the ready-made views. */
import { useScreen } from '@flowbit/contract';
import { defineMessages, useMessages } from '@flowbit/ui';
import { useCallback } from 'react';
import type { ViewId } from '../model/views';

const words = defineMessages({
  en: {
    mine: 'My open',
    unassigned: 'Unassigned',
    open: 'All open',
    overdue: 'Overdue',
    resolved: 'Resolved',
    all: 'All',
    ownOpen: 'Open',
    ownAll: 'My tickets',
  },
  de: {
    mine: 'Meine offenen',
    unassigned: 'Nicht zugewiesen',
    open: 'Alle offenen',
    overdue: 'Überfällig',
    resolved: 'Gelöst',
    all: 'Alle',
    ownOpen: 'Offen',
    ownAll: 'Meine Anfragen',
  },
});

export function useViewName(): (id: ViewId) => string {
  const text = useMessages(words);
  const { user } = useScreen();
  return useCallback(
    (id) => {
      if (user.role !== 'user') return text[id];
      if (id === 'all') return text.ownAll;
      return id === 'open' ? text.ownOpen : text[id];
    },
    [text, user.role],
  );
}
