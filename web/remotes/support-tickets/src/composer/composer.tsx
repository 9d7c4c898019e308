/**
 * Where replies and notes are written.
 *
 * Colour, word and button say which of the two it is, so that nothing internal goes out by mistake.
 * What is written is kept per ticket until it is sent.
 */
import type { MacroItem, PersonRef, Ticket, TicketStatus } from '@flowbit/api';
import {
  AttachButton,
  type AttachHandle,
  DropZone,
  fileWords,
  type NamedFile,
  pastedFiles,
  UploadList,
} from '@flowbit/attachments';
import { useConnectionState, useScreen } from '@flowbit/contract';
import { ActionIcon, AppIcon, defineMessages, KeyHint, useLocale, useMessages } from '@flowbit/ui';
import { type Ref, useEffect, useImperativeHandle, useRef, useState } from 'react';
import type { FieldHandle, Place } from '../editor/field';
import { TextField } from '../editor/text-field';
import { join, NOTHING, plain, quote, type Written } from '../editor/written';
import { useApplyMacro } from '../model/macros';
import { findMentioned } from '../model/mentions';
import type { OutgoingMessage } from '../model/outbox';
import { useAssignees, useTeams } from '../model/queries';
import { useChangeTicket } from '../model/use-change-ticket';
import { useSendMessage } from '../model/use-send-message';
import classes from './composer.module.css';
import { type ComposerKind, hasDraft, putBack, withWritten, writtenIn } from './composer-draft';
import { KindTabs, kindWords } from './kind-tabs';
import { MacroMenu } from './macro-menu';
import { describeActions } from './macro-words';
import { MentionMenu } from './mention-menu';
import { SendButtons } from './send-buttons';
import { useComposerDraft } from './use-composer-draft';
import { useComposerFiles } from './use-composer-files';
import { useLastRead } from './use-last-read';

const words = defineMessages({
  en: {
    replyTo: (name: string) => `Reply to ${name}`,
    replyToAll: 'Write a reply',
    notePlaceholder: 'Only your team will see this',
    saved: 'Draft saved',
    kept: 'Draft kept on this device',
    merged: (into: number) => `Merged into #${into}: write there`,
    tooLong: (max: string) => `At most ${max} characters`,
    macro: (name: string) => `Macro: ${name}`,
    dropMacro: 'Leave out what the macro does',
    dropReply: 'Drop files to send them with the reply',
    dropNote: 'Drop files to add them to the note',
    textMissing: 'Write a few words to go with the files.',
  },
  de: {
    replyTo: (name: string) => `Antwort an ${name}`,
    replyToAll: 'Antwort schreiben',
    notePlaceholder: 'Das sieht nur Ihr Team',
    saved: 'Entwurf gespeichert',
    kept: 'Entwurf auf diesem Gerät',
    merged: (into: number) => `Mit #${into} zusammengeführt: Schreiben Sie dort`,
    tooLong: (max: string) => `Höchstens ${max} Zeichen`,
    macro: (name: string) => `Makro: ${name}`,
    dropMacro: 'Weglassen, was das Makro tut',
    dropReply: 'Hier ablegen, um die Dateien mit der Antwort zu senden',
    dropNote: 'Hier ablegen, um die Dateien zur Notiz zu legen',
    textMissing: 'Schreiben Sie ein paar Worte zu den Dateien.',
  },
});

const BODY_MAX = 20_000;

/** Where `/` means a macro: nothing stands before it in its line. */
function isAtLineStart({ before, isLiteral }: Place): boolean {
  return !isLiteral && before === '';
}

/** Where `@` means a person: within a word it is part of an address. */
function isAtWordStart({ before, isLiteral }: Place): boolean {
  return !isLiteral && !/[\p{L}\p{N}_.]$/u.test(before);
}

export interface ComposerHandle {
  focus(kind: ComposerKind): void;
  /** Puts back what could not be sent, before what was written since. */
  restore(message: OutgoingMessage): void;
  /** Puts what was said into what is being written: of a note into the note alone. */
  quote(said: Written, isInternal: boolean): void;
  /** Opens the list of macros. */
  openMacros(): void;
  /** Takes files for what is being written. */
  attach(files: NamedFile[]): void;
  /** Opens the picker of files. */
  pickFiles(): void;
}

export interface ComposerProps {
  ticket: Ticket;
  ref: Ref<ComposerHandle>;
  /** Files are dragged over the ticket. */
  isDropping: boolean;
  /** Whether something is being written: what was left from another time is not. */
  onWriting(isWriting: boolean): void;
  /** Escape: out of the text, which stays. */
  onLeave(): void;
}

export function Composer({ ticket, ref, isDropping, onWriting, onLeave }: ComposerProps) {
  const text = useMessages(words);
  const naming = useMessages(fileWords);
  const kinds = useMessages(kindWords);
  const { user, can } = useScreen();
  const isStaff = can('agent', 'admin');
  // What was merged goes on at the other ticket; a text of before stays to be taken there.
  const isLocked = ticket.mergedInto !== null;
  const hasMenus = isStaff && !isLocked;
  const connection = useConnectionState();
  const { value: draft, set, isKept, state, flush } = useComposerDraft(ticket.id, isStaff ? null : 'reply');
  const { send } = useSendMessage();
  const changeTicket = useChangeTicket();
  const allFiles = useComposerFiles(ticket.id);
  const clip = useRef<AttachHandle>(null);
  const field = useRef<FieldHandle>(null);
  const [isNear, setNear] = useState(false);
  const locale = useLocale();
  const applyMacro = useApplyMacro();
  const lastRead = useLastRead(ticket.id);
  const assignees = useAssignees().data;
  const teams = useTeams().data;
  const [hasMacros, setHasMacros] = useState(false);
  /** `/` opened the list of macros, and nothing was chosen yet. Read when the list closes, also by a choice. */
  const isStroke = useRef(false);
  const [hasPeople, setHasPeople] = useState(false);
  /** `@` opened the list of people, as with macros. */
  const isMention = useRef(false);
  /** What is done with the next message; the key makes sending it twice harmless. */
  const [staged, setStaged] = useState<{ macro: MacroItem; key: string } | null>(null);
  const kind: ComposerKind = isStaff ? draft.kind : 'reply';
  const written = writtenIn(draft, kind);
  const body = written.body.trim();
  const files = allFiles[kind];
  const hasFiles = files.items.length > 0;
  const [isTouched, setTouched] = useState(false);
  const isWriting = isTouched && (draft.reply.trim() !== '' || draft.note.trim() !== '');
  useEffect(() => onWriting(isWriting), [onWriting, isWriting]);
  const isTooLong = written.body.length > BODY_MAX;
  // A macro answers in the way that it says: what is written the other way goes without it.
  const macro = staged && staged.macro.internal === (kind === 'note') ? staged : null;
  const effects = macro === null ? '' : describeActions(macro.macro, { assignees, teams }, locale);
  // Who hears only what a macro does gets no files: they go with a text.
  const isSaid = body !== '' || (effects !== '' && !hasFiles);
  const canSend = isSaid && files.holdUp === null && !isTooLong && !isLocked;

  // Whoever can read it can be named: of a note, the team alone.
  const isOwnTicket = ticket.requester.id === user.id;
  const team: readonly PersonRef[] = (assignees ?? []).filter(({ id }) => id !== user.id);
  const people: readonly PersonRef[] =
    kind === 'note' || isOwnTicket || team.some(({ id }) => id === ticket.requester.id)
      ? team
      : [ticket.requester, ...team];

  /** At the caret, when the list that was open is gone. */
  function insert(said: string) {
    field.current?.insert(said);
    requestAnimationFrame(() => field.current?.focus());
  }

  function attach(added: NamedFile[]) {
    if (isLocked || added.length === 0) return;
    files.add(added);
    field.current?.focus();
  }

  function choose(wanted: ComposerKind) {
    set((before) => ({ ...before, kind: wanted }));
  }

  useImperativeHandle(ref, () => ({
    focus(wanted) {
      if (isStaff) choose(wanted);
      field.current?.focus();
    },
    restore(message) {
      setTouched(true);
      set((before) =>
        putBack(
          before,
          message.internal ? 'note' : 'reply',
          { body: message.body, html: message.html ?? null },
          message.mentions ?? [],
        ),
      );
      allFiles[message.internal ? 'note' : 'reply'].putBack(message.attachments ?? []);
      field.current?.focus();
    },
    quote(said, isInternal) {
      if (isLocked) return;
      const into: ComposerKind = isInternal ? 'note' : kind;
      setTouched(true);
      set((before) => ({
        ...withWritten(before, into, join(writtenIn(before, into), quote(said))),
        kind: into,
      }));
      field.current?.focus();
    },
    openMacros() {
      setHasMacros(true);
    },
    attach,
    pickFiles: () => clip.current?.open(),
  }));

  function use(chosen: MacroItem) {
    const one: ComposerKind = chosen.internal ? 'note' : 'reply';
    const said = plain(chosen.text ?? '');
    setTouched(true);
    set((before) => ({ ...withWritten(before, one, join(writtenIn(before, one), said)), kind: one }));
    setStaged({ macro: chosen, key: crypto.randomUUID() });
    requestAnimationFrame(() => field.current?.focus());
  }

  async function submit(status?: TicketStatus) {
    if (!canSend) return;
    const html = written.html;
    set((before) => ({ ...withWritten(before, kind, NOTHING), picked: [] }));
    const attachments = files.take();
    field.current?.focus();
    // A note crosses nobody's answer.
    const lastMessageId = kind === 'note' ? undefined : lastRead();
    const mentions = isStaff ? findMentioned(body, people, draft.picked) : [];
    if (macro !== null) {
      setStaged(null);
      if (
        await applyMacro(ticket, macro.macro, { body, html, mentions, attachments, lastMessageId }, macro.key)
      ) {
        if (status) await changeTicket(ticket, { status });
        return;
      }
      set((before) => putBack(before, kind, { body, html }, mentions));
      files.putBack(attachments);
      setStaged({ ...macro, key: crypto.randomUUID() });
      return;
    }
    const wasSent = await send({
      ticketId: ticket.id,
      body,
      html,
      internal: kind === 'note',
      mentions,
      attachments,
      lastMessageId,
    });
    if (wasSent && status && status !== ticket.status) await changeTicket(ticket, { status });
  }

  /** The keys that are not for the text. */
  function onKey(event: KeyboardEvent, getPlace: () => Place): boolean {
    if (event.isComposing) return false;
    const isChord = event.ctrlKey || event.metaKey;
    if (event.key === 'Escape') onLeave();
    else if (event.key === 'Enter' && isChord) void submit();
    else if (event.key === '/' && !isChord && hasMenus && isAtLineStart(getPlace())) {
      isStroke.current = true;
      setHasMacros(true);
    } else if (event.key === '@' && hasMenus && isAtWordStart(getPlace())) {
      isMention.current = true;
      setHasPeople(true);
    } else return false;
    return true;
  }

  /** Why it can't be sent yet, for all that is there. */
  function holdUpOf(): string {
    if (files.holdUp !== null) return naming[files.holdUp];
    return hasFiles && body === '' ? text.textMissing : '';
  }

  function hintOf(): string {
    if (isLocked) return text.merged(ticket.mergedInto?.number ?? 0);
    if (state === 'saved') return text.saved;
    // Until the server has it, or where there is no way to it.
    const isAway = state === 'kept' || (state === 'saving' && connection.kind === 'offline');
    return isAway && isKept ? text.kept : '';
  }

  if (isLocked && !hasDraft(draft) && !hasFiles) return null;

  const placeholder =
    kind === 'note'
      ? text.notePlaceholder
      : isOwnTicket
        ? text.replyToAll
        : text.replyTo(ticket.requester.name);

  return (
    <section
      className={classes.root}
      data-kind={kind}
      aria-label={kinds.compose}
      // The editor is asked for as soon as somebody is about to write.
      onFocus={() => setNear(true)}
      onPointerEnter={() => setNear(true)}
    >
      {isDropping && <DropZone>{kind === 'note' ? text.dropNote : text.dropReply}</DropZone>}
      {isStaff && (
        <KindTabs
          draft={draft}
          kind={kind}
          hasFiles={{ reply: allFiles.reply.items.length > 0, note: allFiles.note.items.length > 0 }}
          onChoose={choose}
          onEnter={() => field.current?.focus()}
        />
      )}
      {macro && (
        <div className={classes.macro}>
          <AppIcon name="bolt" size={14} />
          <span className={classes.macroName}>{text.macro(macro.macro.name)}</span>
          <span className={classes.macroEffects}>{effects}</span>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            aria-label={text.dropMacro}
            onClick={() => {
              setStaged(null);
              field.current?.focus();
            }}
          >
            <AppIcon name="x" size={14} />
          </ActionIcon>
        </div>
      )}
      <TextField
        ref={field}
        kind={kind}
        value={written}
        label={kind === 'note' ? kinds.note : placeholder}
        placeholder={placeholder}
        isReadOnly={isLocked}
        problem={isTooLong ? text.tooLong(BODY_MAX.toLocaleString()) : undefined}
        isHeld={hasMacros || hasPeople}
        isWanted={isNear && !isLocked}
        onChange={(one, value) => {
          set((before) => ({ ...withWritten(before, one, value), kind: one }));
          setTouched(true);
        }}
        onBlur={flush}
        onKey={onKey}
        onFiles={(data) => {
          const pasted = pastedFiles(data);
          if (pasted.length === 0 || isLocked) return false;
          attach(pasted);
          return true;
        }}
      />
      <div className={classes.files} data-empty={!hasFiles || undefined}>
        <UploadList uploads={files} onRemoved={() => field.current?.focus()} />
        <span className={classes.holdUp} role="status">
          {holdUpOf()}
        </span>
      </div>
      <div className={classes.foot}>
        {!isLocked && <AttachButton ref={clip} onFiles={attach} />}
        {hasMenus && (
          <MacroMenu
            ticketId={ticket.id}
            isOpen={hasMacros}
            onOpenChange={(isOpen) => {
              // Who left the list without a choice may have wanted the stroke itself.
              if (!isOpen && isStroke.current) insert('/');
              isStroke.current = false;
              setHasMacros(isOpen);
            }}
            onPick={(chosen) => {
              isStroke.current = false;
              setHasMacros(false);
              use(chosen);
            }}
          />
        )}
        {hasMenus && (
          <MentionMenu
            ticket={ticket}
            people={people}
            isLoading={assignees === undefined}
            isOpen={hasPeople}
            onOpenChange={(isOpen) => {
              // Who left the list without a choice may have wanted the stroke itself.
              if (!isOpen && isMention.current) insert('@');
              isMention.current = false;
              setHasPeople(isOpen);
            }}
            onPick={(person) => {
              isMention.current = false;
              setHasPeople(false);
              // Within a word it would be part of an address, and after a mark it looks wrong.
              const isClose = /[^\s([{"'„“«]$/u.test(field.current?.getPlace().before ?? '');
              set((before) => ({ ...before, picked: [...before.picked, person.id] }));
              insert(`${isClose ? ' ' : ''}@${person.name} `);
            }}
          />
        )}
        <span className={classes.hint}>{hintOf()}</span>
        {!isLocked && (
          <>
            <span className={classes.key}>
              <KeyHint keys="mod+Enter" />
            </span>
            <SendButtons
              kind={kind}
              status={ticket.status}
              canSend={canSend}
              hasStatus={isStaff}
              isMacroAlone={macro !== null && body === ''}
              onSend={(status) => void submit(status)}
            />
          </>
        )}
      </div>
    </section>
  );
}
