/** The head of a ticket: the way back, number, title to edit in place, and what is done with the whole. */
import type { Present, Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { ActionIcon, AppIcon, defineMessages, Menu, Tooltip, useMessages } from '@flowbit/ui';
import { type ReactNode, type Ref, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { mergeWords } from '../merge/merge-dialog';
import { useChangeTicket, useUnsavedFields } from '../model/use-change-ticket';
import { PresenceLine } from './presence-line';
import classes from './ticket-heading.module.css';

const words = defineMessages({
  en: {
    back: 'Back to the list',
    close: 'Close ticket',
    editTitle: 'Edit title',
    title: 'Title',
    more: 'More',
    copyLink: 'Copy link',
    copied: 'Link copied',
    remove: 'Delete ticket',
    showDetails: 'Show details',
    hideDetails: 'Hide details',
    saving: 'Saving…',
    empty: 'A title needs at least one character',
  },
  de: {
    back: 'Zurück zur Liste',
    close: 'Ticket schließen',
    editTitle: 'Titel ändern',
    title: 'Titel',
    more: 'Mehr',
    copyLink: 'Link kopieren',
    copied: 'Link kopiert',
    remove: 'Ticket löschen',
    showDetails: 'Einzelheiten zeigen',
    hideDetails: 'Einzelheiten verbergen',
    saving: 'Wird gespeichert …',
    empty: 'Ein Titel braucht mindestens ein Zeichen',
  },
});

const TITLE_MAX = 200;

export interface TicketHeadingProps {
  ticket: Ticket;
  /** Who else is at the ticket. */
  present: readonly Present[];
  /** One column at a time: the way back is at the left and always there. */
  isAlone: boolean;
  /** Undefined where the side is always there. */
  isSideOpen: boolean | undefined;
  /** What else can be done with the whole, before the menu. */
  actions: ReactNode;
  headingRef: Ref<HTMLHeadingElement>;
  onToggleSide(): void;
  onClose(): void;
  onMerge(): void;
  onDelete(): void;
}

export function TicketHeading(props: TicketHeadingProps) {
  const { ticket, present, isAlone, isSideOpen, headingRef, onToggleSide, onClose } = props;
  const { onMerge, onDelete } = props;
  const text = useMessages(words);
  const merging = useMessages(mergeWords);
  const { can, toast, href } = useScreen();
  const isStaff = can('agent', 'admin');

  async function copyLink() {
    await navigator.clipboard.writeText(new URL(href(`/${ticket.id}`), window.location.origin).href);
    toast({ kind: 'success', title: text.copied, key: 'link' });
  }

  return (
    <header className={classes.root}>
      <div className={classes.bar}>
        {isAlone && (
          <ActionIcon size={32} aria-label={text.back} onClick={onClose} ml={-8}>
            <AppIcon name="arrow-left" />
          </ActionIcon>
        )}
        <span className={classes.number}>#{ticket.number}</span>
        <PresenceLine people={present} />
        {isSideOpen !== undefined && (
          <Tooltip label={isSideOpen ? text.hideDetails : text.showDetails}>
            <ActionIcon
              size={32}
              aria-label={text.showDetails}
              aria-pressed={isSideOpen}
              onClick={onToggleSide}
            >
              <AppIcon name="sidebar-right" />
            </ActionIcon>
          </Tooltip>
        )}
        {props.actions}
        <Menu position="bottom-end" width={260}>
          <Menu.Target>
            <ActionIcon size={32} aria-label={text.more}>
              <AppIcon name="dots" />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<AppIcon name="link" />} onClick={() => void copyLink()}>
              {text.copyLink}
            </Menu.Item>
            {isStaff && ticket.mergedInto === null && (
              <Menu.Item leftSection={<AppIcon name="merge" />} onClick={onMerge}>
                {merging.merge} …
              </Menu.Item>
            )}
            {can('admin') && (
              <>
                <Menu.Divider />
                <Menu.Item leftSection={<AppIcon name="trash" />} color="red" onClick={onDelete}>
                  {text.remove}
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
        {!isAlone && (
          <ActionIcon size={32} aria-label={text.close} onClick={onClose} mr={-8}>
            <AppIcon name="x" />
          </ActionIcon>
        )}
      </div>
      <TitleLine
        key={ticket.id}
        ticket={ticket}
        canEdit={isStaff && ticket.mergedInto === null}
        headingRef={headingRef}
      />
    </header>
  );
}

function TitleLine({
  ticket,
  canEdit,
  headingRef,
}: {
  ticket: Ticket;
  canEdit: boolean;
  headingRef: Ref<HTMLHeadingElement>;
}) {
  const text = useMessages(words);
  const changeTicket = useChangeTicket();
  const isUnsaved = useUnsavedFields(ticket.id).has('title');
  const [edited, setEdited] = useState<string | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const begunOn = useRef(ticket);

  function edit() {
    begunOn.current = ticket;
    setEdited(ticket.title);
  }

  function stop(isByKey: boolean) {
    if (!isByKey) {
      setEdited(null);
      return;
    }
    // Back to where the keyboard came from, before the next key.
    flushSync(() => setEdited(null));
    opener.current?.focus();
  }

  function save(isByKey: boolean) {
    const title = edited?.trim() ?? '';
    if (title === '') return;
    stop(isByKey);
    if (title === ticket.title) return;
    // Somebody else's title is not written over unseen: the server refuses what was begun before it.
    const isAsBegun = ticket.title === begunOn.current.title;
    void changeTicket(isAsBegun ? ticket : begunOn.current, { title });
  }

  if (edited !== null) {
    const isEmpty = edited.trim() === '';
    return (
      <textarea
        // biome-ignore lint/a11y/noAutofocus: it was just asked for
        autoFocus
        className={classes.input}
        aria-label={text.title}
        aria-invalid={isEmpty}
        title={isEmpty ? text.empty : undefined}
        maxLength={TITLE_MAX}
        rows={1}
        value={edited}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setEdited(event.currentTarget.value.replaceAll('\n', ' '))}
        onBlur={() => (edited.trim() === '' ? stop(false) : save(false))}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter') {
            event.preventDefault();
            save(true);
          } else if (event.key === 'Escape') {
            event.preventDefault();
            stop(true);
          }
        }}
      />
    );
  }
  return (
    <div className={classes.titleLine}>
      <h1
        ref={headingRef}
        tabIndex={-1}
        className={classes.title}
        data-unsaved={isUnsaved || undefined}
        onDoubleClick={canEdit ? edit : undefined}
      >
        {ticket.title}
      </h1>
      {isUnsaved && (
        <span className={classes.saving} role="status">
          {text.saving}
        </span>
      )}
      {canEdit && (
        <ActionIcon
          ref={opener}
          size={28}
          className={classes.edit ?? ''}
          aria-label={text.editTitle}
          onClick={edit}
        >
          <AppIcon name="edit" size={14} />
        </ActionIcon>
      )}
    </div>
  );
}
