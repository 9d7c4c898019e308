/** Adds a person: by an invitation link, or with a password that is told to them. */
import { type CreatedUser, isApiError, type Role } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  Button,
  defineMessages,
  describeError,
  Group,
  PasswordInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  useMessages,
} from '@flowbit/ui';
import { type FormEvent, useState } from 'react';
import { Dialog } from '../parts/dialog';
import { InvitationLink } from './invitation-link';
import { RoleField } from './role-field';
import { useUserChanges } from './user-queries';

const MIN_PASSWORD = 12;

const words = defineMessages({
  en: {
    title: 'Add a person',
    sent: (name: string) => `Invite ${name}`,
    email: 'Email',
    name: 'Name',
    role: 'Role',
    way: 'How they get in',
    byLink: 'Invitation link',
    byPassword: 'Password',
    linkMeaning: 'They choose a password of their own by a link that works once, within 7 days.',
    password: 'Password',
    passwordMeaning: `At least ${MIN_PASSWORD} characters. Tell it to them in person; they can change it.`,
    invite: 'Create invitation',
    create: 'Add person',
    cancel: 'Cancel',
    taken: 'Someone in your company already has this address.',
    created: (name: string) => `${name} can sign in now`,
  },
  de: {
    title: 'Person hinzufügen',
    sent: (name: string) => `${name} einladen`,
    email: 'E-Mail',
    name: 'Name',
    role: 'Rolle',
    way: 'Zugang',
    byLink: 'Einladungslink',
    byPassword: 'Passwort',
    linkMeaning: 'Über einen Link, der einmal und 7 Tage lang gilt, wählt die Person ihr Passwort selbst.',
    password: 'Passwort',
    passwordMeaning: `Mindestens ${MIN_PASSWORD} Zeichen. Teilen Sie es persönlich mit; es lässt sich ändern.`,
    invite: 'Einladung erstellen',
    create: 'Person hinzufügen',
    cancel: 'Abbrechen',
    taken: 'Diese Adresse gibt es in Ihrem Unternehmen schon.',
    created: (name: string) => `${name} kann sich jetzt anmelden`,
  },
});

type Way = 'link' | 'password';

function AddUserForm({ onCreated, onCancel }: { onCreated(user: CreatedUser): void; onCancel(): void }) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { create } = useUserChanges();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('agent');
  const [way, setWay] = useState<Way>('link');
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const user = { email: email.trim(), name: name.trim(), role };
      onCreated(await create(way === 'password' ? { ...user, password } : user));
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  }

  const fields = isApiError(error) ? error.fieldErrors : {};
  const isTaken = isApiError(error, 'email_taken');
  const isGeneral = error !== null && !isTaken && Object.keys(fields).length === 0;
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap={16}>
        <TextInput
          label={text.email}
          type="email"
          required
          data-autofocus
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={isTaken ? text.taken : fields.email}
        />
        <TextInput
          label={text.name}
          required
          maxLength={100}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fields.name}
        />
        <RoleField label={text.role} value={role} onChange={setRole} />
        <div>
          <Text size="sm" fw={500} mb={4}>
            {text.way}
          </Text>
          <SegmentedControl
            fullWidth
            aria-label={text.way}
            value={way}
            onChange={(value) => setWay(value as Way)}
            data={[
              { value: 'link', label: text.byLink },
              { value: 'password', label: text.byPassword },
            ]}
          />
          {way === 'link' && (
            <Text size="xs" c="dimmed" mt={8}>
              {text.linkMeaning}
            </Text>
          )}
        </div>
        {way === 'password' && (
          <PasswordInput
            label={text.password}
            description={text.passwordMeaning}
            required
            minLength={MIN_PASSWORD}
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={fields.password}
          />
        )}
        {isGeneral && (
          <Text size="sm" c="var(--fb-danger)" role="alert">
            {describe(error).title}. {describe(error).meaning}
          </Text>
        )}
        <Group justify="flex-end" gap={8} mt={8}>
          <Button variant="default" onClick={onCancel}>
            {text.cancel}
          </Button>
          <Button type="submit" loading={isBusy}>
            {way === 'link' ? text.invite : text.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function AddUserDialog({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const text = useMessages(words);
  const { toast } = useScreen();
  const [created, setCreated] = useState<CreatedUser | null>(null);

  function close() {
    setCreated(null);
    onClose();
  }

  function onCreated(user: CreatedUser) {
    if (user.invitation !== null) {
      setCreated(user);
      return;
    }
    close();
    toast({ kind: 'success', title: text.created(user.name) });
  }

  return (
    <Dialog
      opened={opened}
      onClose={close}
      title={created ? text.sent(created.name) : text.title}
      size={480}
      // A link that is shown once must not vanish by a stray click.
      closeOnClickOutside={created === null}
    >
      {created?.invitation ? (
        <InvitationLink person={created} invitation={created.invitation} onDone={close} />
      ) : (
        <AddUserForm onCreated={onCreated} onCancel={close} />
      )}
    </Dialog>
  );
}
