/** What an admin can do to a person's access, each asked about with its consequences. */
import { type AdminUser, type Invitation, isApiError, type Role } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, stateWords, useMessages } from '@flowbit/ui';
import { useState } from 'react';
import { ActDialog, type Refusal } from '../parts/act-dialog';
import { Dialog } from '../parts/dialog';
import { InvitationLink } from './invitation-link';
import { stateOf } from './role-words';
import { useUserChanges } from './user-queries';

export type Deed =
  | { kind: 'role'; user: AdminUser; role: Role }
  | { kind: 'disable' | 'enable' | 'link'; user: AdminUser };

const words = defineMessages({
  en: {
    roleTitle: (name: string, role: string) => `Make ${name} ${role}?`,
    ownRoleTitle: (role: string) => `Change your own role to ${role}?`,
    roleConfirm: 'Change role',
    roleAtOnce: 'It counts from their next request; nobody has to sign in again.',
    toAdmin: 'They can then do everything: manage users, screens and workflows, and read the audit trail.',
    fromAdmin: 'They lose users, screens, workflows and the audit trail.',
    toUser: 'They no longer see other people’s tickets or internal notes.',
    ownLoss: 'You lose this screen at once. Only another admin can give it back to you.',
    disableTitle: (name: string) => `Disable ${name}?`,
    disableConfirm: 'Disable',
    disableOut: 'They are signed out everywhere at once and can’t sign in any more.',
    disableInvitation: 'An open invitation or reset link stops working.',
    disableTickets: 'Their tickets, messages and history stay. Tickets assigned to them stay assigned.',
    disableBack: 'You can enable them again at any time.',
    enableTitle: (name: string) => `Enable ${name}?`,
    enableConfirm: 'Enable',
    enablePassword: 'They can sign in again with the password they had.',
    enableInvited: 'They never chose a password: create a new invitation link for them afterwards.',
    inviteTitle: (name: string) => `New invitation link for ${name}?`,
    resetTitle: (name: string) => `Password reset link for ${name}?`,
    linkConfirm: 'Create link',
    linkMeaning: 'With the link they choose a password of their own. It works once, within 7 days.',
    linkOld: 'An earlier link stops working.',
    linkPassword: 'Their present password works until the link is used; then all their sessions end.',
    linkTitle: (name: string) => `Link for ${name}`,
    lastAdmin: 'Your company needs an admin',
    lastAdminMeaning: (name: string) =>
      `${name} is the last active admin. Make someone else an admin first, then try again.`,
    inactive: 'Disabled people get no link',
    inactiveMeaning: 'Enable them first, then create the link.',
    gone: 'This person is no longer here',
    goneMeaning: 'Someone removed them in the meantime.',
    disabled: (name: string) => `${name} is disabled`,
    enabled: (name: string) => `${name} can sign in again`,
    changed: (name: string, role: string) => `${name} is now ${role}`,
  },
  de: {
    roleTitle: (name: string, role: string) => `${name} die Rolle ${role} geben?`,
    ownRoleTitle: (role: string) => `Ihre eigene Rolle auf ${role} ändern?`,
    roleConfirm: 'Rolle ändern',
    roleAtOnce: 'Das gilt ab der nächsten Anfrage; eine neue Anmeldung ist nicht nötig.',
    toAdmin: 'Damit geht alles: Benutzer, Bereiche und Automatisierung verwalten, das Protokoll lesen.',
    fromAdmin: 'Benutzer, Bereiche, Automatisierung und Protokoll fallen weg.',
    toUser: 'Tickets anderer und interne Notizen sind dann nicht mehr zu sehen.',
    ownLoss: 'Sie verlieren diesen Bereich sofort. Nur ein anderer Admin kann ihn zurückgeben.',
    disableTitle: (name: string) => `${name} sperren?`,
    disableConfirm: 'Sperren',
    disableOut: 'Alle Sitzungen enden sofort, eine Anmeldung ist nicht mehr möglich.',
    disableInvitation: 'Ein offener Einladungs- oder Rücksetzlink wird ungültig.',
    disableTickets: 'Tickets, Nachrichten und Verlauf bleiben. Zugewiesene Tickets bleiben zugewiesen.',
    disableBack: 'Sie können die Sperre jederzeit aufheben.',
    enableTitle: (name: string) => `Sperre von ${name} aufheben?`,
    enableConfirm: 'Sperre aufheben',
    enablePassword: 'Die Anmeldung geht wieder mit dem bisherigen Passwort.',
    enableInvited: 'Es wurde nie ein Passwort gewählt: Erstellen Sie danach einen neuen Einladungslink.',
    inviteTitle: (name: string) => `Neuer Einladungslink für ${name}?`,
    resetTitle: (name: string) => `Link zum Zurücksetzen des Passworts für ${name}?`,
    linkConfirm: 'Link erstellen',
    linkMeaning: 'Über den Link wird ein eigenes Passwort gewählt. Er gilt einmal, 7 Tage lang.',
    linkOld: 'Ein früherer Link wird ungültig.',
    linkPassword: 'Das jetzige Passwort gilt, bis der Link benutzt wird; dann enden alle Sitzungen.',
    linkTitle: (name: string) => `Link für ${name}`,
    lastAdmin: 'Ihr Unternehmen braucht einen Admin',
    lastAdminMeaning: (name: string) =>
      `${name} ist der letzte aktive Admin. Machen Sie zuerst jemand anderen zum Admin und versuchen Sie es dann noch einmal.`,
    inactive: 'Für Gesperrte gibt es keinen Link',
    inactiveMeaning: 'Heben Sie zuerst die Sperre auf und erstellen Sie dann den Link.',
    gone: 'Diese Person gibt es nicht mehr',
    goneMeaning: 'Sie wurde inzwischen entfernt.',
    disabled: (name: string) => `${name} ist gesperrt`,
    enabled: (name: string) => `${name} kann sich wieder anmelden`,
    changed: (name: string, role: string) => `${name} hat jetzt die Rolle ${role}`,
  },
});

type Words = ReturnType<typeof useMessages<(typeof words)['en']>>;

function explainRefusal(error: unknown, name: string, text: Words): Refusal | null {
  if (isApiError(error, 'last_admin')) return { title: text.lastAdmin, meaning: text.lastAdminMeaning(name) };
  if (isApiError(error, 'user_inactive')) return { title: text.inactive, meaning: text.inactiveMeaning };
  if (isApiError(error, 'not_found')) return { title: text.gone, meaning: text.goneMeaning };
  return null;
}

function roleConsequences(user: AdminUser, role: Role, isSelf: boolean, text: Words): string[] {
  if (isSelf) return [text.ownLoss];
  const result = [text.roleAtOnce];
  if (role === 'admin') result.unshift(text.toAdmin);
  if (user.role === 'admin') result.unshift(text.fromAdmin);
  if (role === 'user') result.push(text.toUser);
  return result;
}

/** The words and the act of one deed. */
function useDeed(deed: Deed, onLink: (invitation: Invitation) => void) {
  const text = useMessages(words);
  const roles = useMessages(stateWords);
  const { user: me, toast } = useScreen();
  const { update, invite } = useUserChanges();
  const { user } = deed;
  const { name } = user;

  if (deed.kind === 'role') {
    const isSelf = user.id === me.id;
    const role = roles[deed.role];
    return {
      title: isSelf ? text.ownRoleTitle(role) : text.roleTitle(name, role),
      consequences: roleConsequences(user, deed.role, isSelf, text),
      confirmLabel: text.roleConfirm,
      isDangerous: isSelf || user.role === 'admin',
      onConfirm: async () => {
        await update(user.id, { role: deed.role });
        toast({ kind: 'success', title: text.changed(name, role), key: `role:${user.id}` });
      },
    };
  }
  if (deed.kind === 'disable') {
    return {
      title: text.disableTitle(name),
      consequences: [text.disableOut, text.disableInvitation, text.disableTickets, text.disableBack],
      confirmLabel: text.disableConfirm,
      isDangerous: true,
      onConfirm: async () => {
        await update(user.id, { active: false });
        toast({ kind: 'success', title: text.disabled(name), key: `active:${user.id}` });
      },
    };
  }
  if (deed.kind === 'enable') {
    return {
      title: text.enableTitle(name),
      consequences: [user.lastLoginAt === null ? text.enableInvited : text.enablePassword],
      confirmLabel: text.enableConfirm,
      isDangerous: false,
      onConfirm: async () => {
        await update(user.id, { active: true });
        toast({ kind: 'success', title: text.enabled(name), key: `active:${user.id}` });
      },
    };
  }
  const isReset = stateOf(user) !== 'invited';
  return {
    title: isReset ? text.resetTitle(name) : text.inviteTitle(name),
    consequences: [text.linkMeaning, text.linkOld, ...(isReset ? [text.linkPassword] : [])],
    confirmLabel: text.linkConfirm,
    isDangerous: false,
    onConfirm: async () => onLink(await invite(user.id)),
  };
}

export function UserDeed({ deed, onClose }: { deed: Deed; onClose(): void }) {
  const text = useMessages(words);
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const { title, consequences, confirmLabel, isDangerous, onConfirm } = useDeed(deed, setInvitation);
  if (invitation) {
    return (
      <Dialog
        opened
        onClose={onClose}
        title={text.linkTitle(deed.user.name)}
        size={480}
        closeOnClickOutside={false}
      >
        <InvitationLink person={deed.user} invitation={invitation} onDone={onClose} />
      </Dialog>
    );
  }
  return (
    <ActDialog
      opened
      onClose={(how) => {
        // A link that was made is shown next, and only that is the end.
        if (how === 'cancelled' || deed.kind !== 'link') onClose();
      }}
      title={title}
      consequences={consequences}
      confirmLabel={confirmLabel}
      isDangerous={isDangerous}
      onConfirm={onConfirm}
      explain={(error) => explainRefusal(error, deed.user.name, text)}
    />
  );
}
