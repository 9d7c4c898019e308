/** One's own menu: who is signed in, theme, keys, password, sign-out. */
import type { Customer, SessionUser } from '@flowbit/api';
import {
  AppIcon,
  Avatar,
  defineMessages,
  Menu,
  stateWords,
  UnstyledButton,
  useMantineColorScheme,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { useState } from 'react';
import { useServices } from '../app/services';
import { ChangePassword } from '../auth/change-password';
import classes from './me-menu.module.css';

const words = defineMessages({
  en: {
    menu: (name: string) => `Menu of ${name}`,
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
  const { session } = useServices();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [isChanging, setChanging] = useState(false);
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <UnstyledButton className={classes.target}>
            <VisuallyHidden>{text.menu(user.name)}</VisuallyHidden>
            <Avatar name={user.name} size={28} radius="xl" color="accent" aria-hidden />
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
      <ChangePassword opened={isChanging} onClose={() => setChanging(false)} />
    </>
  );
}
