/** What each role may do, and which changes of role deserve a question first. */
import type { AdminUser, Role } from '@flowbit/api';
import { defineMessages } from '@flowbit/ui';

/** From the most to the least. */
export const ROLES: readonly Role[] = ['admin', 'agent', 'user'];

export const roleWords = defineMessages({
  en: {
    admin: 'Everything, with users, screens, workflows and the audit trail.',
    agent: 'All tickets, public replies and internal notes.',
    user: 'Raises tickets and sees only their own, never internal notes.',
  },
  de: {
    admin: 'Alles, mit Benutzern, Bereichen, Automatisierung und Protokoll.',
    agent: 'Alle Tickets, öffentliche Antworten und interne Notizen.',
    user: 'Stellt Anfragen und sieht nur die eigenen, nie interne Notizen.',
  },
});

/** Giving or taking the admin role, and any change of one's own, is asked about first. */
export function needsQuestion(user: Pick<AdminUser, 'id' | 'role'>, to: Role, ownId: string): boolean {
  return user.id === ownId || user.role === 'admin' || to === 'admin';
}

export type UserState = 'active' | 'invited' | 'disabled';

/** Disabled wins: someone who may not sign in has no use for an invitation. */
export function stateOf(user: Pick<AdminUser, 'active' | 'invited' | 'lastLoginAt'>): UserState {
  if (!user.active) return 'disabled';
  // A reset link counts as an invitation too; who has signed in before is active all the same.
  return user.invited && user.lastLoginAt === null ? 'invited' : 'active';
}
