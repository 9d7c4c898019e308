/** The people of the company: find, add, open. */
import type { AdminUser } from '@flowbit/api';
import { useRoute, useScreen } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  Button,
  type Column,
  defineMessages,
  EmptyState,
  Menu,
  PageHeader,
  plural,
  RelativeTime,
  stateWords,
  useHotkeys,
  useLocale,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { useState } from 'react';
import { LoadError } from '../parts/load-error';
import { LoadMore } from '../parts/load-more';
import { RecordList } from '../parts/record-list';
import { SearchField } from '../parts/search-field';
import { SplitView } from '../parts/split-view';
import { useSearchField } from '../parts/use-search-field';
import { AddUserDialog } from './add-user-dialog';
import { Person } from './person';
import { stateOf } from './role-words';
import { type Deed, UserDeed } from './user-deed';
import { UserPanel } from './user-panel';
import { useUserList } from './user-queries';
import { UserState } from './user-state';
import classes from './users-screen.module.css';

const words = defineMessages({
  en: {
    description: 'Who can sign in, and what they may do.',
    add: 'Add a person',
    search: 'Search name or email',
    caption: 'People',
    name: 'Name',
    role: 'Role',
    state: 'State',
    lastLogin: 'Last sign-in',
    never: 'Never',
    actions: 'Actions',
    actionsFor: (name: string) => `Actions for ${name}`,
    open: 'Open',
    invite: 'New invitation link',
    reset: 'Password reset link',
    disable: 'Disable',
    enable: 'Enable',
    none: 'Nobody here yet',
    noneMeaning: 'Add the people who answer tickets and those who raise them.',
    notFound: (q: string) => `Nobody matches “${q}”`,
    notFoundMeaning: 'Search for a part of the name or the email address.',
    clear: 'Show everyone',
    all: (count: string) => `All ${count} people shown`,
    one: 'One person shown',
    group: 'Users',
  },
  de: {
    description: 'Wer sich anmelden kann und was er oder sie darf.',
    add: 'Person hinzufügen',
    search: 'Name oder E-Mail suchen',
    caption: 'Personen',
    name: 'Name',
    role: 'Rolle',
    state: 'Zustand',
    lastLogin: 'Letzte Anmeldung',
    never: 'Nie',
    actions: 'Aktionen',
    actionsFor: (name: string) => `Aktionen für ${name}`,
    open: 'Öffnen',
    invite: 'Neuer Einladungslink',
    reset: 'Passwort zurücksetzen',
    disable: 'Sperren',
    enable: 'Sperre aufheben',
    none: 'Hier ist noch niemand',
    noneMeaning: 'Fügen Sie hinzu, wer Anfragen beantwortet und wer welche stellt.',
    notFound: (q: string) => `Niemand passt zu „${q}“`,
    notFoundMeaning: 'Suchen Sie nach einem Teil des Namens oder der E-Mail-Adresse.',
    clear: 'Alle zeigen',
    all: (count: string) => `Alle ${count} Personen werden gezeigt`,
    one: 'Eine Person wird gezeigt',
    group: 'Benutzer',
  },
});

const routes = { list: '/', add: '/new', user: '/:id' } as const;

function UserMenu({ user, onOpen, onDeed }: { user: AdminUser; onOpen(): void; onDeed(deed: Deed): void }) {
  const text = useMessages(words);
  const state = stateOf(user);
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon aria-label={text.actionsFor(user.name)}>
          <AppIcon name="dots" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<AppIcon name="user" />} onClick={onOpen}>
          {text.open}
        </Menu.Item>
        {state !== 'disabled' && (
          <Menu.Item leftSection={<AppIcon name="link" />} onClick={() => onDeed({ kind: 'link', user })}>
            {state === 'invited' ? text.invite : text.reset}
          </Menu.Item>
        )}
        <Menu.Divider />
        {user.active ? (
          <Menu.Item
            c="var(--fb-danger)"
            leftSection={<AppIcon name="ban" />}
            onClick={() => onDeed({ kind: 'disable', user })}
          >
            {text.disable}
          </Menu.Item>
        ) : (
          <Menu.Item
            leftSection={<AppIcon name="user-check" />}
            onClick={() => onDeed({ kind: 'enable', user })}
          >
            {text.enable}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

export function UsersScreen() {
  const text = useMessages(words);
  const roles = useMessages(stateWords);
  const locale = useLocale();
  const { screen, navigate, search, user: me } = useScreen();
  const route = useRoute(routes);
  const field = useSearchField('q');
  const list = useUserList(field.query);
  const [deed, setDeed] = useState<Deed | null>(null);

  const go = (path: string, replace = false) =>
    navigate(search.size > 0 ? `${path}?${search}` : path, { replace, keepScroll: true });
  const add = () => go('/new');
  useHotkeys([{ keys: 'c', label: text.add, group: text.group, run: add }]);

  const users = list.data?.pages.flatMap((page) => page.items);
  const openId = route?.name === 'user' ? route.params.id : null;
  const open = (user: AdminUser) => go(`/${user.id}`, openId !== null);

  const never = <span className={classes.muted}>{text.never}</span>;
  const columns: Column<AdminUser>[] = [
    { id: 'name', header: text.name, cell: (user) => <Person user={user} isSelf={user.id === me.id} /> },
    { id: 'role', header: text.role, width: 120, cell: (user) => roles[user.role] },
    { id: 'state', header: text.state, width: 128, cell: (user) => <UserState user={user} /> },
  ];
  if (openId === null) {
    columns.push(
      {
        id: 'lastLogin',
        header: text.lastLogin,
        width: 140,
        align: 'end',
        cell: (user) => (user.lastLoginAt ? <RelativeTime at={user.lastLoginAt} /> : never),
      },
      {
        id: 'actions',
        header: <VisuallyHidden>{text.actions}</VisuallyHidden>,
        width: 60,
        align: 'end',
        cell: (user) => <UserMenu user={user} onOpen={() => open(user)} onDeed={setDeed} />,
      },
    );
  }

  const addButton = (
    <Button leftSection={<AppIcon name="user-plus" />} onClick={add}>
      {text.add}
    </Button>
  );
  const empty =
    field.query === '' ? (
      <EmptyState icon="users" title={text.none} action={addButton}>
        {text.noneMeaning}
      </EmptyState>
    ) : (
      <EmptyState
        icon="search"
        title={text.notFound(field.query)}
        action={
          <Button variant="default" onClick={() => field.onChange('')}>
            {text.clear}
          </Button>
        }
      >
        {text.notFoundMeaning}
      </EmptyState>
    );
  const count = users?.length ?? 0;

  return (
    <>
      <SplitView
        head={
          <PageHeader title={screen.title} description={text.description} actions={addButton}>
            <SearchField label={text.search} value={field.value} onChange={field.onChange} />
          </PageHeader>
        }
        panelWidth={420}
        panel={
          openId === null ? null : (
            <UserPanel
              id={openId}
              listed={users?.find((user) => user.id === openId)}
              onClose={() => go('/')}
              onDeed={setDeed}
            />
          )
        }
      >
        {list.isError && users === undefined ? (
          <LoadError error={list.error} onRetry={() => void list.refetch()} />
        ) : (
          <>
            <RecordList
              caption={text.caption}
              rowHeight={48}
              columns={columns}
              rows={users}
              rowKey={(user) => user.id}
              selectedKey={openId}
              onOpen={open}
              onClose={() => go('/')}
              empty={empty}
              item={(user) => (
                <span className={classes.item}>
                  <Person user={user} isSelf={user.id === me.id} />
                  <span className={classes.itemSide}>
                    <UserState user={user} />
                    <span className={classes.muted}>{roles[user.role]}</span>
                  </span>
                </span>
              )}
            />
            {count > 0 && (
              <LoadMore
                query={list}
                end={plural(locale, count, { one: text.one, other: text.all(count.toLocaleString(locale)) })}
              />
            )}
          </>
        )}
      </SplitView>
      <AddUserDialog opened={route?.name === 'add'} onClose={() => go('/')} />
      {deed && <UserDeed deed={deed} onClose={() => setDeed(null)} />}
    </>
  );
}
