/** Asks before what can't be taken back; says what will happen, and the button repeats the verb. */
import { Button, Group, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { defineMessages, useMessages } from '../i18n/locale';
import { describeError } from './describe-error';
import { Modal } from './modal';

const words = defineMessages({ en: { cancel: 'Cancel' }, de: { cancel: 'Abbrechen' } });

export interface ConfirmDialogProps {
  opened: boolean;
  onClose(): void;
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** The verb: `Delete ticket`. */
  confirmLabel: string;
  isDangerous?: boolean;
  /** The dialog closes when this resolves, and shows the error when it rejects. */
  onConfirm(): Promise<unknown> | unknown;
}

export function ConfirmDialog({
  opened,
  onClose,
  title,
  children,
  confirmLabel,
  isDangerous = false,
  onConfirm,
}: ConfirmDialogProps) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  function close() {
    setError(null);
    onClose();
  }

  async function confirm() {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      close();
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      centered
      size={440}
      closeButtonProps={{ 'aria-label': text.cancel }}
    >
      <Text size="md" component="div">
        {children}
      </Text>
      {error !== null && (
        <Text size="sm" c="var(--fb-danger)" mt="md" role="alert">
          {describe(error).title}. {describe(error).meaning}
        </Text>
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
    </Modal>
  );
}
