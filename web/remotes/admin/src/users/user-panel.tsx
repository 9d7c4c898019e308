/** One person: who they are, what they may do, and what can be done about their access. */
import { type AdminUser, isApiError, type Role } from '@flowbit/api';
import { useScreen, useTitle } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  defineMessages,
  describeError,
  EmptyState,
  RelativeTime,
  SkeletonRows,
  Switch,
  stateWords,
  TextInput,
  useMessages,
} from '@flowbit/ui';
import { type FormEvent, useEffect, useState } from 'react';
import { CopyText } from '../parts/copy-text';
import { Fact, Facts } from '../parts/facts';
import { LoadError } from '../parts/load-error';
import { SplitPanel } from '../parts/split-view';
import { RoleField } from './role-field';
import { needsQuestion, stateOf } from './role-words';
import type { Deed } from './user-deed';
import classes from './user-panel.module.css';
import { useUser, useUserChanges } from './user-queries';
import { UserState } from './user-state';

const words = defineMessages({
  en: {
    person: 'Person',
    missing: 'There is no such person',
    missingMeaning: 'The address is wrong, or they were removed.',
    name: 'Name',
    save: 'Save',
    email: 'Email',
    state: 'State',
    lastLogin: 'Last sign-in',
    never: 'Never',
    added: 'Added',
    changed: 'Changed',
    history: 'History',
    historyLink: 'What they did, in the audit trail',
    role: 'Role',
    away: 'Out of office',
    awayHint: 'No team gives them tickets meanwhile.',
    access: 'Access',
    invite: 'New invitation link',
    reset: 'Password reset link',
    disable: 'Disable',
    enable: 'Enable',
    invitedHint: 'They have not used their invitation yet. If the link is lost, create a new one.',
    disabledHint: 'They can’t sign in. Their tickets, messages and history are kept.',
    activeHint: 'A reset link lets them choose a new password without knowing the old one.',
    roleChanged: (name: string, role: string) => `${name} is now ${role}`,
    undo: 'Undo',
    renamed: 'Name saved',
    notChanged: (name: string) => `${name} was not changed`,
  },
  de: {
    person: 'Person',
    missing: 'Diese Person gibt es nicht',
    missingMeaning: 'Die Adresse stimmt nicht, oder sie wurde entfernt.',
    name: 'Name',
    save: 'Speichern',
    email: 'E-Mail',
    state: 'Zustand',
    lastLogin: 'Letzte Anmeldung',
    never: 'Nie',
    added: 'Hinzugefügt',
    changed: 'Geändert',
    history: 'Verlauf',
    historyLink: 'Was diese Person tat, im Protokoll',
    role: 'Rolle',
    away: 'Abwesend',
    awayHint: 'Kein Team gibt dieser Person solange Tickets.',
    access: 'Zugang',
    invite: 'Neuer Einladungslink',
    reset: 'Passwort zurücksetzen',
    disable: 'Sperren',
    enable: 'Sperre aufheben',
    invitedHint: 'Die Einladung wurde noch nicht benutzt. Ist der Link verloren, erstellen Sie einen neuen.',
    disabledHint: 'Eine Anmeldung ist nicht möglich. Tickets, Nachrichten und Verlauf bleiben.',
    activeHint: 'Über einen Link wird ein neues Passwort gewählt, ohne das alte zu kennen.',
    roleChanged: (name: string, role: string) => `${name} hat jetzt die Rolle ${role}`,
    undo: 'Rückgängig',
    renamed: 'Name gespeichert',
    notChanged: (name: string) => `${name} wurde nicht geändert`,
  },
});

function NameForm({ user }: { user: AdminUser }) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { toast } = useScreen();
  const { update } = useUserChanges();
  const [name, setName] = useState(user.name);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => setName(user.name), [user.name]);
  const isChanged = name.trim() !== user.name && name.trim() !== '';

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!isChanged) return;
    setBusy(true);
    setError(null);
    try {
      await update(user.id, { name: name.trim() });
      toast({ kind: 'success', title: text.renamed });
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  }

  const fieldError = isApiError(error) ? error.fieldErrors.name : undefined;
  return (
    <form className={classes.name} onSubmit={(event) => void submit(event)}>
      <TextInput
        label={text.name}
        flex={1}
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={error === null ? null : (fieldError ?? describe(error).title)}
      />
      {isChanged && (
        <Button type="submit" variant="default" loading={isBusy}>
          {text.save}
        </Button>
      )}
    </form>
  );
}

function Access({ user, onDeed }: { user: AdminUser; onDeed(deed: Deed): void }) {
  const text = useMessages(words);
  const state = stateOf(user);
  return (
    <section className={classes.section} aria-label={text.access}>
      <p className={classes.hint}>
        {{ invited: text.invitedHint, disabled: text.disabledHint, active: text.activeHint }[state]}
      </p>
      <div className={classes.buttons}>
        {state !== 'disabled' && (
          <Button
            variant="default"
            leftSection={<AppIcon name="link" />}
            onClick={() => onDeed({ kind: 'link', user })}
          >
            {state === 'invited' ? text.invite : text.reset}
          </Button>
        )}
        {user.active ? (
          <Button variant="default" c="var(--fb-danger)" onClick={() => onDeed({ kind: 'disable', user })}>
            {text.disable}
          </Button>
        ) : (
          <Button onClick={() => onDeed({ kind: 'enable', user })}>{text.enable}</Button>
        )}
      </div>
    </section>
  );
}

function PanelBody({ user, onDeed }: { user: AdminUser; onDeed(deed: Deed): void }) {
  const text = useMessages(words);
  const roles = useMessages(stateWords);
  const describe = useMessages(describeError);
  const { user: me, toast, findScreen } = useScreen();
  const { update, setAway } = useUserChanges();
  const [isBusy, setBusy] = useState(false);
  const { outOfOffice } = user;
  const isAway =
    outOfOffice !== null && (outOfOffice.until === null || Date.parse(outOfOffice.until) > Date.now());
  const audit = findScreen('./Audit');

  async function setRole(role: Role, isUndo = false) {
    setBusy(true);
    try {
      await update(user.id, { role });
      toast({
        kind: 'success',
        key: `role:${user.id}`,
        title: text.roleChanged(user.name, roles[role]),
        ...(isUndo ? {} : { action: { label: text.undo, run: () => void setRole(user.role, true) } }),
      });
    } catch (error) {
      toast({ kind: 'error', title: text.notChanged(user.name), detail: describe(error).title });
    } finally {
      setBusy(false);
    }
  }

  async function changeAway(next: boolean) {
    setBusy(true);
    try {
      await setAway(user, next);
    } catch (error) {
      toast({ kind: 'error', title: text.notChanged(user.name), detail: describe(error).title });
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <section className={classes.section}>
        <NameForm user={user} />
      </section>
      <section className={classes.section}>
        <Facts>
          <Fact label={text.state}>
            <UserState user={user} />
          </Fact>
          <Fact label={text.email}>
            <CopyText value={user.email} label={text.email} isPlain />
          </Fact>
          <Fact label={text.lastLogin}>
            {user.lastLoginAt ? <RelativeTime at={user.lastLoginAt} style="long" /> : text.never}
          </Fact>
          <Fact label={text.added}>
            <RelativeTime at={user.createdAt} style="long" />
          </Fact>
          <Fact label={text.changed}>
            {user.updatedAt !== user.createdAt && <RelativeTime at={user.updatedAt} style="long" />}
          </Fact>
          <Fact label={text.history}>
            {audit && (
              <a className={classes.link} href={`${audit.basePath}?userId=${user.id}`}>
                {text.historyLink}
              </a>
            )}
          </Fact>
        </Facts>
      </section>
      <section className={classes.section}>
        <RoleField
          label={text.role}
          value={user.role}
          isDisabled={isBusy}
          onChange={(role) => {
            if (needsQuestion(user, role, me.id)) onDeed({ kind: 'role', user, role });
            else void setRole(role);
          }}
        />
      </section>
      {user.role !== 'user' && user.active && (
        <section className={classes.section}>
          <Switch
            label={text.away}
            description={text.awayHint}
            checked={isAway}
            disabled={isBusy}
            onChange={(event) => void changeAway(event.currentTarget.checked)}
          />
        </section>
      )}
      <Access user={user} onDeed={onDeed} />
    </>
  );
}

export interface UserPanelProps {
  id: string;
  /** As the list has them, if it does. */
  listed: AdminUser | undefined;
  onClose(): void;
  onDeed(deed: Deed): void;
}

export function UserPanel({ id, listed, onClose, onDeed }: UserPanelProps) {
  const text = useMessages(words);
  const { user, error, refetch } = useUser(id, listed);
  useTitle(user?.name ?? null);

  function renderBody() {
    if (user) return <PanelBody user={user} onDeed={onDeed} />;
    if (error) return <LoadError error={error} onRetry={() => void refetch()} variant="inline" />;
    if (user === undefined) return <SkeletonRows rows={6} height={48} />;
    return (
      <EmptyState icon="user-off" title={text.missing}>
        {text.missingMeaning}
      </EmptyState>
    );
  }

  return (
    <SplitPanel title={user?.name ?? text.person} onClose={onClose}>
      {renderBody()}
    </SplitPanel>
  );
}
