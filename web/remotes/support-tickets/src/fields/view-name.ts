/** Names of views: the ready-made ones in the person's language, the saved ones as they were named. */
import { useScreen } from '@flowbit/contract';
import { defineMessages, useMessages } from '@flowbit/ui';
import { useCallback } from 'react';
import type { View, ViewId } from '../model/views';

const words = defineMessages({
  en: {
    mine: 'My open',
    mentioned: 'Mentioned',
    my_teams: 'My teams',
    unassigned: 'Unassigned',
    open: 'All open',
    snoozed: 'Snoozed',
    overdue: 'Overdue',
    solved: 'Recently solved',
    resolved: 'Resolved',
    all: 'All',
    ownOpen: 'Open',
    ownAll: 'My tickets',
  },
  de: {
    mine: 'Meine offenen',
    mentioned: 'Erwähnt',
    my_teams: 'Meine Teams',
    unassigned: 'Nicht zugewiesen',
    open: 'Alle offenen',
    snoozed: 'Zurückgestellt',
    overdue: 'Überfällig',
    solved: 'Kürzlich gelöst',
    resolved: 'Gelöst',
    all: 'Alle',
    ownOpen: 'Offen',
    ownAll: 'Meine Anfragen',
  },
});

export function useViewName(): (view: View) => string {
  const text = useMessages(words);
  const { user } = useScreen();
  return useCallback(
    (view) => {
      if (view.saved) return view.saved.name;
      const id = view.id as ViewId;
      if (user.role !== 'user') return text[id];
      if (id === 'all') return text.ownAll;
      return id === 'open' ? text.ownOpen : text[id];
    },
    [text, user.role],
  );
}
