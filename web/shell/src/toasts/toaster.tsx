/** Shows the notices; they wait while looked at, and errors wait to be dismissed. */
import { AppIcon, Button, CloseButton, defineMessages, Text, useMessages } from '@flowbit/ui';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { dismissAllToasts, dismissToast, type ShownToast, toastStore } from './store';
import classes from './toaster.module.css';

const words = defineMessages({
  en: { dismiss: 'Dismiss', notices: 'Notices' },
  de: { dismiss: 'Schließen', notices: 'Hinweise' },
});

const ICONS = {
  info: 'info',
  success: 'circle-check',
  warning: 'alert-triangle',
  error: 'alert-circle',
} as const;
const STAY_MS = 6000;
/** Longer where there is something to decide: to undo takes reading first. */
const STAY_TO_ACT_MS = 15_000;

function Notice({ toast }: { toast: ShownToast }) {
  const text = useMessages(words);
  const [isHeld, setHeld] = useState(false);
  const kind = toast.kind ?? 'info';
  const stays = kind === 'error' || isHeld;
  useEffect(() => {
    if (stays) return;
    const timer = setTimeout(() => dismissToast(toast.id), toast.action ? STAY_TO_ACT_MS : STAY_MS);
    return () => clearTimeout(timer);
  }, [stays, toast.id, toast.action]);
  return (
    <li
      className={classes.notice}
      data-kind={kind}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <AppIcon name={ICONS[kind]} className={classes.icon} />
      <div className={classes.words}>
        <Text size="sm" fw={500}>
          {toast.title}
        </Text>
        {toast.detail && (
          <Text size="sm" c="dimmed">
            {toast.detail}
          </Text>
        )}
      </div>
      {toast.action && (
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            toast.action?.run();
            dismissToast(toast.id);
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <CloseButton size="sm" aria-label={text.dismiss} onClick={() => dismissToast(toast.id)} />
    </li>
  );
}

export function Toaster() {
  const text = useMessages(words);
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.getSnapshot);
  // What was said to one person is not for the next.
  useEffect(() => dismissAllToasts, []);
  return (
    <section aria-label={text.notices} aria-live="polite">
      <ol className={classes.list}>
        {toasts.map((toast) => (
          <Notice key={toast.id} toast={toast} />
        ))}
      </ol>
    </section>
  );
}
