/**
 * Asks before something with consequences, lists them, and explains a refusal in its own words.
 *
 * The kit's confirmation knows general errors only; here "why not" differs from deed to deed.
 */
import { AppIcon, Button, defineMessages, describeError, Group, List, Text, useMessages } from '@flowbit/ui';
import { type ReactNode, useState } from 'react';
import classes from './act-dialog.module.css';
import { Dialog } from './dialog';

const words = defineMessages({ en: { cancel: 'Cancel' }, de: { cancel: 'Abbrechen' } });

export interface Refusal {
  title: string;
  meaning: string;
}

export interface ActDialogProps {
  opened: boolean;
  /** Called when it was cancelled, and when it was done. */
  onClose(how: 'cancelled' | 'done'): void;
  title: string;
  /** What it is about, in a sentence. */
  children?: ReactNode;
  /** What will happen, point by point. */
  consequences?: readonly string[];
  confirmLabel: string;
  isDangerous?: boolean;
  /** It is done when this resolves. */
  onConfirm(): Promise<unknown>;
  /** Words for refusals that are particular to the deed; null leaves it to the general ones. */
  explain?: (error: unknown) => Refusal | null;
}

export function ActDialog(props: ActDialogProps) {
  const { opened, onClose, title, children, consequences = [], confirmLabel, isDangerous = false } = props;
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  function close() {
    if (isBusy) return;
    setError(null);
    onClose('cancelled');
  }

  async function confirm() {
    setBusy(true);
    setError(null);
    try {
      await props.onConfirm();
      onClose('done');
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  }

  const refusal = error === null ? null : (props.explain?.(error) ?? describe(error));
  return (
    <Dialog opened={opened} onClose={close} title={title} centered size={460}>
      {children && (
        <Text size="md" component="div">
          {children}
        </Text>
      )}
      {consequences.length > 0 && (
        <List size="sm" className={classes.list}>
          {consequences.map((consequence) => (
            <List.Item key={consequence}>{consequence}</List.Item>
          ))}
        </List>
      )}
      {refusal && (
        <div className={classes.refusal} role="alert">
          <AppIcon name="alert-circle" />
          <div>
            <strong>{refusal.title}</strong>
            <br />
            {refusal.meaning}
          </div>
        </div>
      )}
      <Group justify="flex-end" gap={8} mt={24}>
        <Button variant="default" onClick={close} data-autofocus={isDangerous || undefined}>
          {text.cancel}
        </Button>
        <Button
          {...(isDangerous ? { color: 'red' } : {})}
          loading={isBusy}
          onClick={() => void confirm()}
          data-autofocus={!isDangerous || undefined}
        >
          {confirmLabel}
        </Button>
      </Group>
    </Dialog>
  );
}
