/** Changes one's own password; other sessions end with it. */
import { unwrap } from '@flowbit/api';
import { Alert, Button, defineMessages, Group, Modal, PasswordInput, Text, useMessages } from '@flowbit/ui';
import { type SubmitEvent, useState } from 'react';
import { useServices } from '../app/services';
import { showToast } from '../toasts/store';
import classes from './auth-card.module.css';
import { describeRefusal, refusalWords } from './describe-refusal';
import { checkNewPassword } from './new-password';

const words = defineMessages({
  en: {
    title: 'Change password',
    intro: 'Your other sessions end when you do.',
    current: 'Current password',
    next: 'New password',
    repeat: 'Repeat new password',
    cancel: 'Cancel',
    change: 'Change password',
    changed: 'Password changed',
    changedDetail: 'Other sessions were signed out.',
  },
  de: {
    title: 'Passwort ändern',
    intro: 'Ihre anderen Sitzungen werden damit beendet.',
    current: 'Bisheriges Passwort',
    next: 'Neues Passwort',
    repeat: 'Neues Passwort wiederholen',
    cancel: 'Abbrechen',
    change: 'Passwort ändern',
    changed: 'Passwort geändert',
    changedDetail: 'Andere Sitzungen wurden abgemeldet.',
  },
});

function ChangePasswordForm({ onClose }: { onClose(): void }) {
  const text = useMessages(words);
  const refusals = useMessages(refusalWords);
  const { client } = useServices();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [repeated, setRepeated] = useState('');
  const [problem, setProblem] = useState<'tooShort' | 'mismatch' | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function change() {
    setBusy(true);
    setRefusal(null);
    try {
      await unwrap(
        client.POST('/api/me/password', { body: { currentPassword: current, newPassword: next } }),
      );
      showToast({ kind: 'success', title: text.changed, detail: text.changedDetail });
      onClose();
    } catch (error) {
      setRefusal(describeRefusal(error, refusals, refusals.currentWrong));
    } finally {
      setBusy(false);
    }
  }

  function onSubmit(event: SubmitEvent) {
    event.preventDefault();
    const found = checkNewPassword(next, repeated);
    setProblem(found);
    if (found === null && !isBusy) void change();
  }

  return (
    <form className={classes.form} onSubmit={onSubmit} noValidate>
      <Text c="dimmed">{text.intro}</Text>
      {refusal !== null && (
        <Alert color="red" role="alert">
          {refusal}
        </Alert>
      )}
      <PasswordInput
        label={text.current}
        autoComplete="current-password"
        data-autofocus
        value={current}
        onChange={(event) => setCurrent(event.currentTarget.value)}
      />
      <PasswordInput
        label={text.next}
        autoComplete="new-password"
        value={next}
        error={problem === 'tooShort' ? refusals.tooShort : undefined}
        onChange={(event) => setNext(event.currentTarget.value)}
      />
      <PasswordInput
        label={text.repeat}
        autoComplete="new-password"
        value={repeated}
        error={problem === 'mismatch' ? refusals.mismatch : undefined}
        onChange={(event) => setRepeated(event.currentTarget.value)}
      />
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onClose}>
          {text.cancel}
        </Button>
        <Button type="submit" loading={isBusy} disabled={current === ''}>
          {text.change}
        </Button>
      </Group>
    </form>
  );
}

export function ChangePassword({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const text = useMessages(words);
  return (
    <Modal opened={opened} onClose={onClose} title={text.title} size={400}>
      <ChangePasswordForm onClose={onClose} />
    </Modal>
  );
}
