/** What the actions of the ledger are called, in plain words, in groups, with icon and weight. */
import type { EventAction } from '@flowbit/api';
import { type IconName, type Locale, useLocale } from '@flowbit/ui';

/** Also recorded by the server, beyond those that the client knows by type. */
export type KnownAction = EventAction | 'tenant.created' | 'audit.exported' | 'endpoint.test';
export type ActionGroup = 'tickets' | 'people' | 'signIn' | 'workflows' | 'company';

interface ActionLook {
  group: ActionGroup;
  icon: IconName;
  /** A refusal or failure: worth a look. */
  isTrouble?: true;
  en: string;
  de: string;
}

const ACTIONS: Record<KnownAction, ActionLook> = {
  'ticket.created': { group: 'tickets', icon: 'ticket', en: 'Ticket created', de: 'Ticket erstellt' },
  'ticket.updated': { group: 'tickets', icon: 'edit', en: 'Ticket changed', de: 'Ticket geändert' },
  'ticket.deleted': { group: 'tickets', icon: 'trash', en: 'Ticket deleted', de: 'Ticket gelöscht' },
  'ticket.restored': {
    group: 'tickets',
    icon: 'replay',
    en: 'Ticket brought back',
    de: 'Ticket zurückgeholt',
  },
  'ticket.split': {
    group: 'tickets',
    icon: 'split',
    en: 'Ticket split off',
    de: 'Ticket abgetrennt',
  },
  'ticket.merged': {
    group: 'tickets',
    icon: 'merge',
    en: 'Ticket merged',
    de: 'Ticket zusammengeführt',
  },
  'ticket.unmerged': {
    group: 'tickets',
    icon: 'replay',
    en: 'Merge undone',
    de: 'Zusammenführung aufgehoben',
  },
  'ticket.linked': { group: 'tickets', icon: 'link', en: 'Tickets linked', de: 'Tickets verknüpft' },
  'ticket.unlinked': {
    group: 'tickets',
    icon: 'unlink',
    en: 'Tickets no longer linked',
    de: 'Tickets nicht mehr verknüpft',
  },
  'ticket.watched': { group: 'tickets', icon: 'eye', en: 'Ticket watched', de: 'Ticket beobachtet' },
  'ticket.unwatched': {
    group: 'tickets',
    icon: 'eye-off',
    en: 'Ticket no longer watched',
    de: 'Ticket nicht mehr beobachtet',
  },
  'notices.read': { group: 'people', icon: 'bell', en: 'Notifications read', de: 'Meldungen gelesen' },
  'notices.set': {
    group: 'people',
    icon: 'settings',
    en: 'Notifications set',
    de: 'Meldungen eingestellt',
  },
  'settings.changed': {
    group: 'company',
    icon: 'settings',
    en: 'Settings changed',
    de: 'Einstellungen geändert',
  },
  'view.created': { group: 'tickets', icon: 'filter', en: 'View saved', de: 'Ansicht gespeichert' },
  'view.updated': { group: 'tickets', icon: 'filter', en: 'View changed', de: 'Ansicht geändert' },
  'view.deleted': { group: 'tickets', icon: 'filter', en: 'View removed', de: 'Ansicht entfernt' },
  'message.created': {
    group: 'tickets',
    icon: 'message',
    en: 'Message written',
    de: 'Nachricht geschrieben',
  },
  'attachment.deleted': {
    group: 'tickets',
    icon: 'paperclip',
    en: 'File deleted',
    de: 'Datei gelöscht',
  },
  'user.created': { group: 'people', icon: 'user-plus', en: 'Person added', de: 'Person hinzugefügt' },
  'user.updated': { group: 'people', icon: 'user', en: 'Person changed', de: 'Person geändert' },
  'user.erased': { group: 'people', icon: 'user', en: 'Person erased', de: 'Person gelöscht' },
  'user.invited': { group: 'people', icon: 'mail', en: 'Link created', de: 'Link erstellt' },
  'user.invitationAccepted': {
    group: 'people',
    icon: 'user-check',
    en: 'Invitation accepted',
    de: 'Einladung angenommen',
  },
  'auth.login': { group: 'signIn', icon: 'key', en: 'Signed in', de: 'Angemeldet' },
  'auth.logout': { group: 'signIn', icon: 'logout', en: 'Signed out', de: 'Abgemeldet' },
  'auth.refused': {
    group: 'signIn',
    icon: 'lock',
    isTrouble: true,
    en: 'Sign-in refused',
    de: 'Anmeldung abgelehnt',
  },
  'auth.refreshReuse': {
    group: 'signIn',
    icon: 'alert-triangle',
    isTrouble: true,
    en: 'Session used twice, revoked',
    de: 'Sitzung doppelt benutzt, beendet',
  },
  'auth.passwordChanged': { group: 'signIn', icon: 'lock', en: 'Password changed', de: 'Passwort geändert' },
  'access.denied': {
    group: 'signIn',
    icon: 'ban',
    isTrouble: true,
    en: 'Access denied',
    de: 'Zugriff verweigert',
  },
  'endpoint.created': {
    group: 'workflows',
    icon: 'webhook',
    en: 'Endpoint added',
    de: 'Endpunkt hinzugefügt',
  },
  'endpoint.updated': {
    group: 'workflows',
    icon: 'webhook',
    en: 'Endpoint changed',
    de: 'Endpunkt geändert',
  },
  'endpoint.deleted': { group: 'workflows', icon: 'trash', en: 'Endpoint deleted', de: 'Endpunkt gelöscht' },
  'endpoint.secretRotated': {
    group: 'workflows',
    icon: 'key',
    en: 'Secrets rotated',
    de: 'Geheimnisse erneuert',
  },
  'endpoint.tested': { group: 'workflows', icon: 'send', en: 'Test sent', de: 'Test gesendet' },
  'endpoint.test': { group: 'workflows', icon: 'send', en: 'Test delivery', de: 'Testzustellung' },
  'workflow.delivered': {
    group: 'workflows',
    icon: 'circle-check',
    en: 'Event delivered',
    de: 'Ereignis zugestellt',
  },
  'workflow.failed': {
    group: 'workflows',
    icon: 'circle-x',
    isTrouble: true,
    en: 'Delivery given up',
    de: 'Zustellung aufgegeben',
  },
  'workflow.overdue': {
    group: 'workflows',
    icon: 'clock-exclamation',
    isTrouble: true,
    en: 'Workflow overdue',
    de: 'Workflow überfällig',
  },
  'workflow.callback': {
    group: 'workflows',
    icon: 'bolt',
    en: 'Workflow answered',
    de: 'Workflow hat geantwortet',
  },
  'workflow.callbackRefused': {
    group: 'workflows',
    icon: 'ban',
    isTrouble: true,
    en: 'Callback refused',
    de: 'Rückruf abgelehnt',
  },
  'delivery.replayed': {
    group: 'workflows',
    icon: 'replay',
    en: 'Delivery replayed',
    de: 'Zustellung wiederholt',
  },
  'screens.updated': { group: 'company', icon: 'dashboard', en: 'Screens changed', de: 'Bereiche geändert' },
  'team.created': { group: 'company', icon: 'users', en: 'Team made', de: 'Team angelegt' },
  'team.updated': { group: 'company', icon: 'users', en: 'Team changed', de: 'Team geändert' },
  'team.deleted': { group: 'company', icon: 'trash', en: 'Team removed', de: 'Team entfernt' },
  'user.availabilityChanged': {
    group: 'people',
    icon: 'clock',
    en: 'Out of office changed',
    de: 'Abwesenheit geändert',
  },
  'field.created': { group: 'company', icon: 'plus', en: 'Field defined', de: 'Feld angelegt' },
  'field.updated': { group: 'company', icon: 'edit', en: 'Field changed', de: 'Feld geändert' },
  'tag.updated': { group: 'company', icon: 'tag', en: 'Tag coloured', de: 'Schlagwort eingefärbt' },
  'tag.renamed': { group: 'company', icon: 'tag', en: 'Tag renamed', de: 'Schlagwort umbenannt' },
  'tag.merged': { group: 'company', icon: 'tags', en: 'Tags merged', de: 'Schlagwörter vereint' },
  'tag.deleted': { group: 'company', icon: 'trash', en: 'Tag deleted', de: 'Schlagwort gelöscht' },
  'tag.moved': { group: 'company', icon: 'tags', en: 'Tickets retagged', de: 'Tickets umgestellt' },
  'macro.created': { group: 'company', icon: 'bolt', en: 'Macro made', de: 'Makro angelegt' },
  'macro.updated': { group: 'company', icon: 'edit', en: 'Macro changed', de: 'Makro geändert' },
  'macro.deleted': { group: 'company', icon: 'trash', en: 'Macro removed', de: 'Makro entfernt' },
  'macro.applied': { group: 'tickets', icon: 'bolt', en: 'Macro applied', de: 'Makro angewendet' },
  'tenant.created': { group: 'company', icon: 'building', en: 'Company set up', de: 'Unternehmen angelegt' },
  'ticket.imported': {
    group: 'tickets',
    icon: 'ticket',
    en: 'Ticket brought along',
    de: 'Ticket mitgebracht',
  },
  'message.imported': {
    group: 'tickets',
    icon: 'messages',
    en: 'Messages brought along',
    de: 'Nachrichten mitgebracht',
  },
  'history.imported': {
    group: 'company',
    icon: 'history',
    en: 'Earlier history brought along',
    de: 'Früherer Verlauf mitgebracht',
  },
  'user.imported': {
    group: 'people',
    icon: 'user-plus',
    en: 'Person brought along',
    de: 'Person mitgebracht',
  },
  'import.finished': {
    group: 'company',
    icon: 'inbox',
    en: 'Import finished',
    de: 'Import abgeschlossen',
  },
  'audit.exported': {
    group: 'company',
    icon: 'download',
    en: 'Audit trail exported',
    de: 'Protokoll exportiert',
  },
};

const GROUPS: Record<ActionGroup, Record<Locale, string>> = {
  tickets: { en: 'Tickets', de: 'Tickets' },
  people: { en: 'People', de: 'Personen' },
  signIn: { en: 'Sign-in and access', de: 'Anmeldung und Zugriff' },
  workflows: { en: 'Workflows', de: 'Workflows' },
  company: { en: 'Company', de: 'Unternehmen' },
};

export interface DescribedAction {
  action: string;
  label: string;
  group: string;
  icon: IconName;
  isTrouble: boolean;
}

/** An action that a newer server has added keeps its own name. */
export function describeAction(action: string, locale: Locale): DescribedAction {
  const look = Object.hasOwn(ACTIONS, action) ? ACTIONS[action as KnownAction] : null;
  if (look === null) return { action, label: action, group: '', icon: 'point', isTrouble: false };
  return {
    action,
    label: look[locale],
    group: GROUPS[look.group][locale],
    icon: look.icon,
    isTrouble: look.isTrouble ?? false,
  };
}

export function useActionWords() {
  const locale = useLocale();
  return (action: string) => describeAction(action, locale);
}

/** The actions that the audit trail can hold, for choosing one. */
export function listActions(locale: Locale): DescribedAction[] {
  return Object.keys(ACTIONS)
    .filter((action) => action !== 'endpoint.test')
    .map((action) => describeAction(action, locale));
}
