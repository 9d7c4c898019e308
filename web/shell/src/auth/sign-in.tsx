/** Sign in: address and password, and the company where an address belongs to several. */
import { isApiError, type SessionState } from '@flowbit/api';
import {
  Alert,
  AppIcon,
  Button,
  defineMessages,
  PasswordInput,
  Text,
  TextInput,
  useMessages,
} from '@flowbit/ui';
import { type SubmitEvent, useRef, useState } from 'react';
import { useServices } from '../app/services';
import { AuthCard } from './auth-card';
import classes from './auth-card.module.css';
import { describeRefusal, refusalWords } from './describe-refusal';

const words = defineMessages({
  en: {
    title: 'Sign in',
    email: 'Email',
    password: 'Password',
    signIn: 'Sign in',
    expired: 'Your session has ended. Sign in to go on where you were.',
    signedOut: 'You have signed out.',
    chooseTitle: 'Choose a company',
    choose: 'Your address belongs to several companies. Which one do you want to work in?',
    back: 'Use another address',
  },
  de: {
    title: 'Anmelden',
    email: 'E-Mail',
    password: 'Passwort',
    signIn: 'Anmelden',
    expired: 'Ihre Sitzung ist beendet. Melden Sie sich an, um dort weiterzumachen, wo Sie waren.',
    signedOut: 'Sie haben sich abgemeldet.',
    chooseTitle: 'Unternehmen wählen',
    choose: 'Ihre Adresse gehört zu mehreren Unternehmen. In welchem möchten Sie arbeiten?',
    back: 'Andere Adresse verwenden',
  },
});

type Tenant = { slug: string; name: string };

/** How the session before this one ended, if there was one. */
type Ending = Extract<SessionState, { status: 'signedOut' }>;

export function SignIn({ ending }: { ending: Ending }) {
  const text = useMessages(words);
  const refusals = useMessages(refusalWords);
  const { session } = useServices();
  const knownEmail = ending.reason === 'expired' ? ending.email : '';
  const [email, setEmail] = useState(knownEmail);
  const [password, setPassword] = useState('');
  const [tenants, setTenants] = useState<Tenant[] | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const passwordInput = useRef<HTMLInputElement>(null);

  async function attempt(tenant?: string) {
    setBusy(tenant ?? '');
    setRefusal(null);
    try {
      await session.signIn({ email: email.trim(), password, ...(tenant === undefined ? {} : { tenant }) });
    } catch (error) {
      if (isApiError(error, 'tenant_required')) {
        setTenants(error.problem?.tenants ?? []);
        return;
      }
      setTenants(null);
      setRefusal(describeRefusal(error, refusals, refusals.invalid));
      if (isApiError(error) && error.status === 401) {
        setPassword('');
        passwordInput.current?.focus();
      }
    } finally {
      setBusy(null);
    }
  }

  function onSubmit(event: SubmitEvent) {
    event.preventDefault();
    if (busy === null) void attempt();
  }

  if (tenants !== null) {
    return (
      <AuthCard title={text.chooseTitle}>
        <Text c="dimmed">{text.choose}</Text>
        <ul className={classes.tenants}>
          {tenants.map((tenant, index) => (
            <li key={tenant.slug}>
              <Button
                variant="default"
                fullWidth
                justify="space-between"
                rightSection={<AppIcon name="chevron-right" />}
                autoFocus={index === 0}
                loading={busy === tenant.slug}
                disabled={busy !== null && busy !== tenant.slug}
                onClick={() => void attempt(tenant.slug)}
              >
                {tenant.name}
              </Button>
            </li>
          ))}
        </ul>
        <Button variant="subtle" color="gray" onClick={() => setTenants(null)}>
          {text.back}
        </Button>
      </AuthCard>
    );
  }

  return (
    <AuthCard title={text.title}>
      {ending.reason !== 'none' && refusal === null && (
        <Text c="dimmed" role="status">
          {ending.reason === 'expired' ? text.expired : text.signedOut}
        </Text>
      )}
      <form className={classes.form} onSubmit={onSubmit}>
        {refusal !== null && (
          <Alert color="red" icon={<AppIcon name="alert-circle" />} role="alert">
            {refusal}
          </Alert>
        )}
        <TextInput
          label={text.email}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus={knownEmail === ''}
          required
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          ref={passwordInput}
          label={text.password}
          name="password"
          autoComplete="current-password"
          autoFocus={knownEmail !== ''}
          required
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy !== null} fullWidth>
          {text.signIn}
        </Button>
      </form>
    </AuthCard>
  );
}
