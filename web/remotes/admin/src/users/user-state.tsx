/** Whether a person can sign in, as colour, icon and word. */
import type { AdminUser } from '@flowbit/api';
import { defineMessages, StateBadge, type StateBadgeProps, useMessages } from '@flowbit/ui';
import { stateOf } from './role-words';

const words = defineMessages({
  en: { active: 'Active', invited: 'Invited', disabled: 'Disabled' },
  de: { active: 'Aktiv', invited: 'Eingeladen', disabled: 'Gesperrt' },
});

const LOOKS = {
  active: { tone: 'success', icon: 'circle-check' },
  invited: { tone: 'info', icon: 'mail' },
  disabled: { tone: 'neutral', icon: 'ban' },
} as const satisfies Record<string, Pick<StateBadgeProps, 'tone' | 'icon'>>;

export function UserState({ user }: { user: Pick<AdminUser, 'active' | 'invited' | 'lastLoginAt'> }) {
  const text = useMessages(words);
  const state = stateOf(user);
  return <StateBadge {...LOOKS[state]} label={text[state]} />;
}
