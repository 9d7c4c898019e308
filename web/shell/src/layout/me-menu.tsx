/** One's own menu: who is signed in, out of office, theme, keys, password, sign-out. */
import type { Customer, SessionUser } from '@flowbit/api';
import {
  AppIcon,
  Avatar,
  defineMessages,
  Menu,
  stateWords,
  UnstyledButton,
  useFormats,
  useMantineColorScheme,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { useEffect, useState } from 'react';
import { useServices } from '../app/services';
import { ChangePassword } from '../auth/change-password';
import classes from './me-menu.module.css';
import { OutOfOffice } from './out-of-office';
import { useAvailability } from './use-availability';

const words = defineMessages({
  en: {
    menu: (name: string) => `Menu of ${name}`,
    account: 'Account',
    away: 'Out of office',
    isAway: 'You are out of office',
    isAwayUntil: (day: string) => `You are out of office until ${day}`,
    theme: 'Theme',
    light: 'Light',
    dark: 'Dark',
    auto: 'As the system',
    keys: 'Keyboard shortcuts',
    notices: 'Notification settings',
    password: 'Change password',
    signOut: 'Sign out',
  },
  de: {
    menu: (name: string) => `Menü von ${name}`,
    account: 'Konto',
    away: 'Abwesend',
    isAway: 'Sie sind abwesend',
    isAwayUntil: (day: string) => `Sie sind abwesend bis ${day}`,
    theme: 'Darstellung',
    light: 'Hell',
    dark: 'Dunkel',
    auto: 'Wie das System',
    keys: 'Tastenkürzel',
    notices: 'Meldungen einstellen',
    password: 'Passwort ändern',
    signOut: 'Abmelden',
  },
});

const SCHEMES = [
  { value: 'light', icon: 'sun' },
  { value: 'dark', icon: 'moon' },
  { value: 'auto', icon: 'desktop' },
] as const;

export interface MeMenuProps {
  user: SessionUser;
  customer: Customer;
  onShowKeys(): void;
  onSetNotices(): void;
}

export function MeMenu({ user, customer, onShowKeys, onSetNotices }: MeMenuProps) {
  const text = useMessages(words);
  const roles = useMessages(stateWords);
  const { session, commands } = useServices();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [isChanging, setChanging] = useState(false);
  const [isLeaving, setLeaving] = useState(false);
  const formats = useFormats();
  const availability = useAvailability(user);
  const { away } = availability;
  const awayText =
    away === null
      ? null
      : away.until === null
        ? text.isAway
        : text.isAwayUntil(formats.date(new Date(away.until)));
  const { isPossible } = availability;
  useEffect(() => {
    if (!isPossible) return;
    return commands.register(text.account, [
      { id: 'away', label: text.away, icon: 'clock', run: () => setLeaving(true) },
    ]);
  }, [commands, isPossible, text]);
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <UnstyledButton className={classes.target}>
            <VisuallyHidden>{text.menu(user.name)}</VisuallyHidden>
            <Avatar
              name={user.name}
              size={28}
              radius="xl"
              color={away ? 'gray' : 'accent'}
              title={awayText ?? undefined}
              aria-hidden
            />
            {awayText !== null && <VisuallyHidden>{awayText}</VisuallyHidden>}
            <AppIcon name="chevron-down" size={14} className={classes.chevron} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <div className={classes.who}>
            <div className={classes.name}>{user.name}</div>
            <div>{user.email}</div>
            <div>
              {customer.name} · {roles[user.role]}
            </div>
            {awayText !== null && <div className={classes.away}>{awayText}</div>}
          </div>
          <Menu.Divider />
          <Menu.Label>{text.theme}</Menu.Label>
          {SCHEMES.map(({ value, icon }) => (
            <Menu.RadioItem
              key={value}
              value={value}
              checked={colorScheme === value}
              checkIcon={<AppIcon name="check" />}
              rightSection={<AppIcon name={icon} />}
              onChange={() => setColorScheme(value)}
            >
              {text[value]}
            </Menu.RadioItem>
          ))}
          <Menu.Divider />
          {isPossible && (
            <Menu.Item leftSection={<AppIcon name="clock" />} onClick={() => setLeaving(true)}>
              {text.away}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<AppIcon name="keyboard" />} onClick={onShowKeys}>
            {text.keys}
          </Menu.Item>
          <Menu.Item leftSection={<AppIcon name="bell" />} onClick={onSetNotices}>
            {text.notices}
          </Menu.Item>
          <Menu.Item leftSection={<AppIcon name="key" />} onClick={() => setChanging(true)}>
            {text.password}
          </Menu.Item>
          <Menu.Item leftSection={<AppIcon name="logout" />} onClick={() => void session.signOut()}>
            {text.signOut}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <OutOfOffice opened={isLeaving} availability={availability} onClose={() => setLeaving(false)} />
      <ChangePassword opened={isChanging} onClose={() => setChanging(false)} />
    </>
  );
}
