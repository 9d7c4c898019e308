/** An open ticket: head, conversation, composer, and its fields beside or above. */
import { isApiError, queryKeys, type Ticket, unwrap } from '@flowbit/api';
import { fileWords, useFileDrop } from '@flowbit/attachments';
import { useCommands, useLiveEvents, useScreen, useTitle } from '@flowbit/contract';
import {
  Button,
  ConfirmDialog,
  Drawer,
  defineMessages,
  describeError,
  ErrorState,
  useHotkeys,
  useMessages,
} from '@flowbit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Composer, type ComposerHandle } from '../composer/composer';
import { Conversation } from '../conversation/conversation';
import { fieldWords } from '../fields/words';
import { TicketHeading } from '../heading/ticket-heading';
import { LinkDialog } from '../links/link-dialog';
import { MergeDialog } from '../merge/merge-dialog';
import { ArrivalLine, MergedBanner } from '../merge/merged-banner';
import { type Lead, useLead } from '../merge/use-lead';
import { useTicket } from '../model/queries';
import { unreadTickets } from '../model/stores';
import { takeTitleFocus } from '../model/title-focus';
import { usePendingTicket, useUnsavedFields } from '../model/use-change-ticket';
import { usePresence } from '../model/use-presence';
import { useWatch, useWatchers } from '../model/watchers';
import { ConflictNotice } from '../properties/conflict-notice';
import { SidePanel } from '../properties/side-panel';
import { type FieldName, TicketFields } from '../properties/ticket-fields';
import { watchWords } from '../properties/watchers-section';
import { SnoozeButton } from '../snooze/snooze-button';
import { SnoozeLine } from '../snooze/snooze-line';
import { useSnooze } from '../snooze/use-snooze';
import classes from './ticket-column.module.css';
import { TicketSkeleton } from './ticket-skeleton';

const words = defineMessages({
  en: {
    group: 'Ticket',
    reply: 'Reply',
    note: 'Internal note',
    macro: 'Use a macro',
    details: 'Details',
    hideDetails: 'Hide details',
    remove: 'Delete ticket',
    removeTitle: (number: number) => `Delete #${number}?`,
    removeMeaning:
      'The ticket and its conversation are gone for everyone. You can bring it back for a day. The audit trail keeps that it was deleted, and by whom.',
    removed: (number: number) => `#${number} was deleted`,
    undo: 'Undo',
    restored: (number: number) => `#${number} is back`,
    notRestored: (number: number) => `#${number} did not come back`,
    deletedBy: (name: string) => `${name} deleted this ticket`,
    deletedMeaning: 'It and its conversation are gone for everyone.',
    back: 'Back to the list',
    ticket: 'Ticket',
  },
  de: {
    group: 'Ticket',
    reply: 'Antworten',
    note: 'Interne Notiz',
    macro: 'Makro verwenden',
    details: 'Einzelheiten',
    hideDetails: 'Einzelheiten verbergen',
    remove: 'Ticket löschen',
    removeTitle: (number: number) => `#${number} löschen?`,
    removeMeaning:
      'Das Ticket und sein Verlauf verschwinden für alle. Einen Tag lang können Sie es zurückholen. Das Protokoll behält, dass es gelöscht wurde und von wem.',
    removed: (number: number) => `#${number} wurde gelöscht`,
    undo: 'Rückgängig',
    restored: (number: number) => `#${number} ist wieder da`,
    notRestored: (number: number) => `#${number} kam nicht zurück`,
    deletedBy: (name: string) => `${name} hat dieses Ticket gelöscht`,
    deletedMeaning: 'Es ist mit seinem Verlauf für alle verschwunden.',
    back: 'Zurück zur Liste',
    ticket: 'Ticket',
  },
});

/** By what else the palette finds macros, in both languages. */
const MACRO_KEYWORDS = ['canned reply', 'template', 'Textbaustein', 'Vorlage'];
/** By what else it finds the picker of files. */
const FILE_KEYWORDS = ['attachment', 'upload', 'Anhang', 'hochladen'];

export interface TicketColumnProps {
  ticketId: string;
  knownTags: readonly string[];
  isSingle: boolean;
  hasSide: boolean;
  /** Counts up each time the ticket is opened on purpose: the focus then goes to its title. */
  focusRequest: number;
  onClose(): void;
  onDeleted(id: string): void;
}

export function TicketColumn(props: TicketColumnProps) {
  const { ticketId, onClose, isSingle, hasSide } = props;
  const text = useMessages(words);
  const query = useTicket(ticketId);
  const ticket = usePendingTicket(query.data);
  // Walking on with `j` keeps the focus in the list.
  const handledFocus = useRef(0);
  const [deletedBy, setDeletedBy] = useState<{ id: string; name: string } | null>(null);
  useLiveEvents({ actions: ['ticket.deleted'], ticketId }, (event) =>
    setDeletedBy({ id: ticketId, name: event.actor.name }),
  );
  const isGone = isApiError(query.error, 'not_found');
  const lead = useLead(ticketId, query.data, !query.isPlaceholderData);
  useTitle(ticket && !isGone ? `#${ticket.number} ${ticket.title}` : null);

  if (query.isError && (isGone || !ticket)) {
    return (
      <div className={classes.root}>
        <ErrorState
          {...(deletedBy?.id === ticketId
            ? { title: text.deletedBy(deletedBy.name), children: text.deletedMeaning }
            : { error: query.error })}
          {...(isGone ? {} : { onRetry: () => void query.refetch() })}
          action={
            <Button variant="default" onClick={onClose}>
              {text.back}
            </Button>
          }
        />
      </div>
    );
  }
  if (!ticket || lead.isOnWay) return <TicketSkeleton hasSide={hasSide && !isSingle} />;
  return <OpenTicket key={ticket.id} {...props} ticket={ticket} lead={lead} handledFocus={handledFocus} />;
}

interface OpenTicketProps extends TicketColumnProps {
  ticket: Ticket;
  lead: Lead;
  handledFocus: RefObject<number>;
}

function OpenTicket(props: OpenTicketProps) {
  const { handledFocus, ticket, lead, knownTags, isSingle, hasSide, focusRequest, onClose } = props;
  const text = useMessages(words);
  const fields = useMessages(fieldWords);
  const describe = useMessages(describeError);
  const watching = useMessages(watchWords);
  const naming = useMessages(fileWords);
  const { client, user, can, toast } = useScreen();
  const queryClient = useQueryClient();
  const composer = useRef<ComposerHandle>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const [openField, setOpenField] = useState<FieldName | null>(null);
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const [isDeleting, setDeleting] = useState(false);
  const [isMerging, setMerging] = useState(false);
  const [isLinking, setLinking] = useState(false);
  const { mergedInto } = ticket;
  const isMerged = mergedInto !== null;
  const isStaff = can('agent', 'admin');
  const [isWriting, setWriting] = useState(false);
  const present = usePresence(ticket.id, isWriting);

  useEffect(() => unreadTickets.clear(ticket.id), [ticket.id]);
  useEffect(() => {
    if (focusRequest === handledFocus.current) return;
    handledFocus.current = focusRequest;
    heading.current?.focus({ preventScroll: true });
  }, [focusRequest, handledFocus]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the button that undoes a merge is gone when it is undone
  useEffect(() => {
    if (takeTitleFocus(ticket.id)) heading.current?.focus({ preventScroll: true });
  }, [ticket.id, isMerged]);

  const watchers = useWatchers(ticket.id).data?.items;
  const isWatching = watchers?.some(({ id }) => id === user.id) ?? false;
  const { mutate: watch } = useWatch(ticket.id);
  const watchLabel = isWatching ? watching.unwatch : watching.watch;
  const toggleWatch = useCallback(() => watch(!isWatching), [watch, isWatching]);

  const { group } = text;
  const snoozing = useSnooze(ticket, group);
  const isSnoozeUnsaved = useUnsavedFields(ticket.id).has('snooze');
  useHotkeys([
    // What was merged belongs to the other ticket: nothing is written or set here.
    {
      keys: 'r',
      label: text.reply,
      group,
      isDisabled: isMerged,
      run: () => composer.current?.focus('reply'),
    },
    ...(isStaff
      ? [
          {
            keys: 'n',
            label: text.note,
            group,
            isDisabled: isMerged,
            run: () => composer.current?.focus('note'),
          },
          {
            keys: 'a',
            label: fields.assign,
            group,
            isDisabled: isMerged,
            run: () => setOpenField('assignee'),
          },
          { keys: 'A', label: fields.setTeam, group, isDisabled: isMerged, run: () => setOpenField('team') },
          {
            keys: 's',
            label: fields.setStatus,
            group,
            isDisabled: isMerged,
            run: () => setOpenField('status'),
          },
          {
            keys: 'p',
            label: fields.setPriority,
            group,
            isDisabled: isMerged,
            run: () => setOpenField('priority'),
          },
          { keys: 'l', label: fields.tags, group, isDisabled: isMerged, run: () => setOpenField('tags') },
          { keys: 'w', label: watchLabel, group, isDisabled: watchers === undefined, run: toggleWatch },
        ]
      : []),
  ]);

  async function restore() {
    const { id, number } = ticket;
    try {
      await unwrap(client.POST('/api/tickets/{id}/restore', { params: { path: { id } } }));
      toast({ kind: 'success', title: text.restored(number), key: 'removed' });
    } catch (error) {
      const { title, meaning } = describe(error);
      toast({
        kind: 'error',
        title: text.notRestored(number),
        detail: `${title}. ${meaning}`,
        key: 'removed',
      });
    }
  }
  useCommands(
    useMemo(
      () =>
        isMerged
          ? []
          : [
              {
                id: 'attach',
                label: naming.attach,
                icon: 'paperclip',
                keywords: FILE_KEYWORDS,
                run: () => composer.current?.pickFiles(),
              },
            ],
      [isMerged, naming],
    ),
  );
  const { isOver, handlers } = useFileDrop((files) => composer.current?.attach(files), isMerged);
  useCommands(
    useMemo(
      () =>
        isStaff
          ? [
              ...(isMerged
                ? []
                : [
                    {
                      id: 'macro',
                      label: text.macro,
                      icon: 'bolt',
                      keywords: MACRO_KEYWORDS,
                      keys: '/',
                      run: () => composer.current?.openMacros(),
                    },
                  ]),
              { id: 'watch', label: watchLabel, icon: 'eye', keys: 'w', run: toggleWatch },
            ]
          : [],
      [isStaff, isMerged, text, watchLabel, toggleWatch],
    ),
  );

  async function remove() {
    await unwrap(client.DELETE('/api/tickets/{id}', { params: { path: { id: ticket.id } } }));
    props.onDeleted(ticket.id);
    toast({
      kind: 'success',
      title: text.removed(ticket.number),
      action: { label: text.undo, run: () => void restore() },
      key: 'removed',
    });
    void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.counts });
  }

  const fieldProps = { ticket, knownTags, openField, onOpenField: setOpenField };
  return (
    <div className={classes.root} data-side={hasSide || undefined}>
      <section className={classes.ticket} aria-label={`${text.ticket} #${ticket.number}`} {...handlers}>
        <TicketHeading
          ticket={ticket}
          present={present}
          isAlone={isSingle}
          isSideOpen={hasSide ? undefined : isDrawerOpen}
          actions={<SnoozeButton ticket={ticket} snoozing={snoozing} />}
          headingRef={heading}
          onToggleSide={() => setDrawerOpen(!isDrawerOpen)}
          onClose={onClose}
          onMerge={() => setMerging(true)}
          onDelete={() => setDeleting(true)}
        />
        {lead.from && <ArrivalLine from={lead.from} />}
        {ticket.snooze && (
          <SnoozeLine
            snooze={ticket.snooze}
            isUnsaved={isSnoozeUnsaved}
            onWake={() => {
              // The button goes with the line.
              heading.current?.focus({ preventScroll: true });
              snoozing.wake();
            }}
          />
        )}
        {!hasSide && (
          <div className={classes.line}>
            <TicketFields {...fieldProps} layout="line" />
          </div>
        )}
        {mergedInto && <MergedBanner ticket={ticket} into={mergedInto} isTargetGone={lead.isTargetGone} />}
        <ConflictNotice ticketId={ticket.id} />
        <div className={classes.conversation}>
          <Conversation
            ticket={ticket}
            onEdit={(message) => composer.current?.restore(message)}
            onQuote={({ body, html, internal }) =>
              composer.current?.quote({ body, html: html ?? null }, internal)
            }
          />
          <Composer
            ref={composer}
            ticket={ticket}
            isDropping={isOver}
            onWriting={setWriting}
            onLeave={() => heading.current?.focus({ preventScroll: true })}
          />
        </div>
      </section>
      {hasSide ? (
        <aside className={classes.side} aria-label={text.details}>
          <SidePanel {...fieldProps} onLink={() => setLinking(true)} />
        </aside>
      ) : (
        <Drawer
          opened={isDrawerOpen}
          onClose={() => setDrawerOpen(false)}
          position="right"
          size={320}
          padding={0}
          title={text.details}
          closeButtonProps={{ 'aria-label': text.hideDetails }}
          classNames={{ header: classes.drawerHead ?? '', title: classes.drawerTitle ?? '' }}
        >
          <SidePanel {...fieldProps} isWithoutFields onLink={() => setLinking(true)} />
        </Drawer>
      )}
      {isStaff && !isMerged && (
        <>
          <MergeDialog ticket={ticket} isOpen={isMerging} onOpenChange={setMerging} />
          <LinkDialog ticket={ticket} isOpen={isLinking} onOpenChange={setLinking} />
        </>
      )}
      <ConfirmDialog
        opened={isDeleting}
        onClose={() => setDeleting(false)}
        title={text.removeTitle(ticket.number)}
        confirmLabel={text.remove}
        isDangerous
        onConfirm={remove}
      >
        {text.removeMeaning}
      </ConfirmDialog>
    </div>
  );
}
