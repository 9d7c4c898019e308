/** Asks before unsaved text is left behind. */
import { defineMessages, useMessages } from '@flowbit/ui';
import { useCallback, useEffect, useRef } from 'react';
import { useServices } from '../app/services';

const words = defineMessages({
  en: { leave: 'What you wrote is not saved yet. Leave it behind?' },
  de: { leave: 'Ihr Text ist noch nicht gespeichert. Trotzdem verlassen?' },
});

/** Returns the contract's `setUnsaved`. */
export function useUnsavedGuard(): (unsaved: boolean) => void {
  const text = useMessages(words);
  const { router } = useServices();
  const isUnsaved = useRef(false);

  const setUnsaved = useCallback(
    (unsaved: boolean) => {
      isUnsaved.current = unsaved;
      router.setGuard(unsaved ? () => window.confirm(text.leave) : null);
    },
    [router, text.leave],
  );

  useEffect(() => {
    function onBeforeUnload(event: BeforeUnloadEvent) {
      if (isUnsaved.current) event.preventDefault();
    }
    window.addEventListener('beforeunload', onBeforeUnload);
    return () => {
      window.removeEventListener('beforeunload', onBeforeUnload);
      router.setGuard(null);
    };
  }, [router]);

  return setUnsaved;
}
