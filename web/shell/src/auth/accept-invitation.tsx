/** `/invite#token`: choose a password and enter. The token is in the fragment, so no log has it. */
import { Alert, AppIcon, Button, defineMessages, PasswordInput, Text, useMessages } from '@flowbit/ui';
import { type SubmitEvent, useState } from 'react';
import { useServices } from '../app/services';
import { AuthCard } from './auth-card';
import classes from './auth-card.module.css';
import { describeRefusal, refusalWords } from './describe-refusal';
import { checkNewPassword } from './new-password';

const words = defineMessages({
  en: {
    title: 'Choose a password',
    intro: 'At least 12 characters. A few unrelated words are easy to remember and hard to guess.',
    password: 'Password',
    repeat: 'Repeat password',
    enter: 'Set password and sign in',
    toSignIn: 'Go to sign-in',
  },
  de: {
    title: 'Passwort wählen',
    intro:
      'Mindestens 12 Zeichen. Einige Wörter ohne Zusammenhang merkt man sich leicht, und sie sind schwer zu erraten.',
    password: 'Passwort',
    repeat: 'Passwort wiederholen',
    enter: 'Passwort setzen und anmelden',
    toSignIn: 'Zur Anmeldung',
  },
});

export function AcceptInvitation() {
  const text = useMessages(words);
  const refusals = useMessages(refusalWords);
  const { session, router } = useServices();
  const [token] = useState(() => router.getAddress().hash.slice(1));
  const [password, setPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const [problem, setProblem] = useState<'tooShort' | 'mismatch' | null>(null);
  const [refusal, setRefusal] = useState<string | null>(token === '' ? refusals.linkInvalid : null);
  const [isBusy, setBusy] = useState(false);

  async function accept() {
    setBusy(true);
    setRefusal(null);
    try {
      await session.acceptInvitation({ token, password });
      router.navigate('/', { replace: true });
    } catch (error) {
      setRefusal(describeRefusal(error, refusals, refusals.linkInvalid));
    } finally {
      setBusy(false);
    }
  }

  function onSubmit(event: SubmitEvent) {
    event.preventDefault();
    const found = checkNewPassword(password, repeated);
    setProblem(found);
    if (found === null && !isBusy) void accept();
  }

  return (
    <AuthCard title={text.title}>
      <Text c="dimmed">{text.intro}</Text>
      <form className={classes.form} onSubmit={onSubmit} noValidate>
        {refusal !== null && (
          <Alert color="red" icon={<AppIcon name="alert-circle" />} role="alert">
            {refusal}
          </Alert>
        )}
        <PasswordInput
          label={text.password}
          autoComplete="new-password"
          autoFocus
          value={password}
          error={problem === 'tooShort' ? refusals.tooShort : undefined}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <PasswordInput
          label={text.repeat}
          autoComplete="new-password"
          value={repeated}
          error={problem === 'mismatch' ? refusals.mismatch : undefined}
          onChange={(event) => setRepeated(event.currentTarget.value)}
        />
        <Button type="submit" loading={isBusy} disabled={token === ''}>
          {text.enter}
        </Button>
        <Button variant="subtle" color="gray" component="a" href="/">
          {text.toSignIn}
        </Button>
      </form>
    </AuthCard>
  );
}
