/** The bell: how much is unread, and the list of what one was told. */
import type { NoticePage, Screen } from '@flowbit/api';
import {
  ActionIcon,
  AppIcon,
  Button,
  Drawer,
  defineMessages,
  EmptyState,
  ErrorState,
  type IconName,
  RelativeTime,
  SkeletonRows,
  useFormats,
  useHotkeys,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { useEffect, useMemo, useState } from 'react';
import { useServices } from '../app/services';
import classes from './bell.module.css';
import { noticeWords } from './notice-words';
import { hrefOfNotice, useDesktopNotices, useNotices, useOlderNotices, useReadNotices } from './use-notices';

const words = defineMessages({
  en: {
    title: 'Notifications',
    bell: (count: string) => `Notifications, ${count} unread`,
    open: 'Show notifications',
    close: 'Close notifications',
    settings: 'Notification settings',
    readAll: 'Mark all as read',
    unread: 'Unread',
    none: 'Nothing new',
    noneMeaning: 'When somebody assigns you a ticket, mentions or answers you, you see it here.',
    older: 'Show older',
    general: 'General',
  },
  de: {
    title: 'Meldungen',
    bell: (count: string) => `Meldungen, ${count} ungelesen`,
    open: 'Meldungen zeigen',
    close: 'Meldungen schließen',
    settings: 'Meldungen einstellen',
    readAll: 'Alle als gelesen markieren',
    unread: 'Ungelesen',
    none: 'Nichts Neues',
    noneMeaning: 'Wenn Ihnen jemand ein Ticket zuweist, Sie erwähnt oder Ihnen antwortet, sehen Sie es hier.',
    older: 'Ältere zeigen',
    general: 'Allgemein',
  },
});

type Notice = NoticePage['items'][number];

const ICONS: Record<Notice['kind'], IconName> = {
  assigned: 'user-check',
  mentioned: 'at',
  replied: 'message',
  noted: 'lock',
  statusChanged: 'activity',
  woken: 'alarm',
  answered: 'message',
  resolved: 'circle-check',
};

/** The most that the badge shows. */
const BADGE_MAX = 99;

/** Arrows go from one notice to the next. */
function moveFocus(event: React.KeyboardEvent<HTMLElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('a')];
  const next = links[links.findIndex((link) => link.matches(':focus')) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

function NoticeLine({ notice, href, onOpen }: { notice: Notice; href: string | null; onOpen(): void }) {
  const text = useMessages(words);
  const said = useMessages(noticeWords);
  const isUnread = notice.readAt === null;
  const content = (
    <>
      <AppIcon name={ICONS[notice.kind]} className={classes.icon} />
      <span className={classes.words}>
        <span className={classes.what}>{said[notice.kind](notice.actorName)}</span>
        <span className={classes.ticket}>
          #{notice.number} {notice.title}
        </span>
      </span>
      <RelativeTime at={notice.at} className={classes.time} />
      {isUnread && (
        <span className={classes.dot}>
          <VisuallyHidden>{text.unread}</VisuallyHidden>
        </span>
      )}
    </>
  );
  return (
    <li className={classes.line} data-unread={isUnread || undefined}>
      {href === null ? (
        <span className={classes.link}>{content}</span>
      ) : (
        <a className={classes.link} href={href} onClick={onOpen}>
          {content}
        </a>
      )}
    </li>
  );
}

export interface BellProps {
  screens: readonly Screen[] | undefined;
  onSettings(): void;
}

export function Bell({ screens, onSettings }: BellProps) {
  const text = useMessages(words);
  const formats = useFormats();
  const { commands } = useServices();
  const notices = useNotices();
  const { mutate: read } = useReadNotices();
  const [isOpen, setOpen] = useState(false);
  // Opened again, it begins with the newest.
  const [hasOlder, setOlder] = useState(false);
  const next = notices.data?.nextCursor ?? null;
  const older = useOlderNotices(next, isOpen && hasOlder);
  useDesktopNotices(screens);
  const unread = notices.data?.unread ?? 0;
  const shown = unread > BADGE_MAX ? `${BADGE_MAX}+` : formats.number(unread);
  const newest = notices.data?.items[0];

  useHotkeys([{ keys: 'b', label: text.open, run: () => setOpen(true) }]);
  const offered = useMemo(
    () => [
      { id: 'notices', label: text.open, icon: 'bell', keys: 'b', run: () => setOpen(true) },
      { id: 'notice-settings', label: text.settings, icon: 'settings', run: onSettings },
    ],
    [text, onSettings],
  );
  useEffect(() => commands.register(text.general, offered), [commands, text.general, offered]);

  function close() {
    setOpen(false);
    setOlder(false);
  }

  function renderList() {
    if (notices.isPending) return <SkeletonRows />;
    if (notices.data === undefined) {
      return <ErrorState error={notices.error} onRetry={() => void notices.refetch()} />;
    }
    if (notices.data.items.length === 0) {
      return (
        <EmptyState icon="bell" title={text.none}>
          {text.noneMeaning}
        </EmptyState>
      );
    }
    const past = hasOlder ? (older.data?.pages ?? []) : [];
    const hasMore = hasOlder ? older.hasNextPage : next !== null;
    return (
      <>
        <ul className={classes.list} onKeyDown={moveFocus}>
          {[notices.data, ...past]
            .flatMap(({ items }) => items)
            .map((notice) => (
              <NoticeLine
                key={notice.id}
                notice={notice}
                href={hrefOfNotice(notice, screens)}
                onOpen={() => {
                  close();
                  if (notice.readAt === null) read({ id: notice.id, all: false });
                }}
              />
            ))}
        </ul>
        {hasOlder && older.isError && (
          <ErrorState variant="inline" error={older.error} onRetry={() => void older.refetch()} />
        )}
        {(hasMore || older.isFetching) && (
          <div className={classes.more}>
            <Button
              size="compact-sm"
              variant="subtle"
              loading={older.isFetching}
              onClick={() => {
                if (hasOlder) void older.fetchNextPage();
                else setOlder(true);
              }}
            >
              {text.older}
            </Button>
          </div>
        )}
      </>
    );
  }

  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={32}
        className={classes.bell ?? ''}
        aria-label={text.bell(shown)}
        aria-haspopup="dialog"
        title={text.title}
        onClick={() => setOpen(true)}
      >
        <AppIcon name="bell" />
        {unread > 0 && (
          <span className={classes.badge} aria-hidden>
            {shown}
          </span>
        )}
      </ActionIcon>
      <Drawer
        opened={isOpen}
        onClose={close}
        position="right"
        size={400}
        padding={0}
        title={text.title}
        closeButtonProps={{ 'aria-label': text.close }}
        classNames={{ header: classes.head ?? '', title: classes.title ?? '' }}
      >
        <div className={classes.bar}>
          <Button
            size="compact-sm"
            variant="subtle"
            disabled={unread === 0 || newest === undefined}
            leftSection={<AppIcon name="check" size={14} />}
            onClick={() => newest && read({ id: newest.id, all: true })}
          >
            {text.readAll}
          </Button>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={28}
            aria-label={text.settings}
            title={text.settings}
            onClick={() => {
              close();
              onSettings();
            }}
          >
            <AppIcon name="settings" />
          </ActionIcon>
        </div>
        {renderList()}
      </Drawer>
    </>
  );
}
