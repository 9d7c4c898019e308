/** Saving, changing and removing views; what went wrong is said as a toast. */
import { type NewView, queryKeys, type SavedView, type UpdateView, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, describeError, useMessages } from '@flowbit/ui';
import { useQueryClient } from '@tanstack/react-query';

const words = defineMessages({
  en: { failed: 'The view was not saved', removeFailed: 'The view was not removed' },
  de: { failed: 'Die Ansicht wurde nicht gespeichert', removeFailed: 'Die Ansicht wurde nicht entfernt' },
});

export interface ChangeViews {
  create(view: NewView): Promise<SavedView | null>;
  update(id: string, patch: UpdateView): Promise<SavedView | null>;
  remove(id: string): Promise<boolean>;
}

export function useChangeViews(): ChangeViews {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { client, toast } = useScreen();
  const queryClient = useQueryClient();

  async function attempt<T>(title: string, act: () => Promise<T>): Promise<T | null> {
    try {
      const done = await act();
      // Before the list of views is left to others: what was saved is to be seen at once.
      await queryClient.invalidateQueries({ queryKey: queryKeys.views.all });
      return done;
    } catch (error) {
      const { title: what, meaning } = describe(error);
      toast({ kind: 'error', title, detail: `${what}. ${meaning}`, key: 'view' });
      return null;
    }
  }

  return {
    create: (body) => attempt(text.failed, () => unwrap(client.POST('/api/views', { body }))),
    update: (id, body) =>
      attempt(text.failed, () => unwrap(client.PATCH('/api/views/{id}', { params: { path: { id } }, body }))),
    remove: async (id) => {
      const done = await attempt(text.removeFailed, async () => {
        await unwrap(client.DELETE('/api/views/{id}', { params: { path: { id } } }));
        return true;
      });
      return done ?? false;
    },
  };
}
