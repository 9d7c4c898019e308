/** Where an answer is written. It is kept until the server has it. */
import type { Ticket } from '@flowbit/api';
import { isApiError } from '@flowbit/api';
import {
  AttachButton,
  DropZone,
  fileWords,
  pastedFiles,
  UploadList,
  useFileDrop,
} from '@flowbit/attachments';
import { useConnectionState } from '@flowbit/contract';
import { AppIcon, Button, defineMessages, describeError, KeyHint, Textarea, useMessages } from '@flowbit/ui';
import { type RefObject, useId } from 'react';
import { ANSWER_MAX, hasAnswer } from '../model/answer-draft';
import { useAnswer } from '../model/use-answer';
import classes from './answer-box.module.css';

const words = defineMessages({
  en: {
    write: 'Write',
    label: 'Write an answer',
    send: 'Send',
    kept: 'Draft kept on this device',
    saved: 'Draft saved',
    offline: 'You are offline. Your answer is kept; send it once the connection is back.',
    tooLong: (max: string) => `At most ${max} characters`,
    notSent: 'Not sent',
    drop: 'Drop files to attach them',
  },
  de: {
    write: 'Schreiben',
    label: 'Antwort schreiben',
    send: 'Senden',
    kept: 'Entwurf auf diesem Gerät',
    saved: 'Entwurf gespeichert',
    offline: 'Sie sind offline. Ihre Antwort bleibt; senden Sie sie, sobald die Verbindung steht.',
    tooLong: (max: string) => `Höchstens ${max} Zeichen`,
    notSent: 'Nicht gesendet',
    drop: 'Dateien hier ablegen',
  },
});

export interface AnswerBoxProps {
  ticket: Ticket;
  areaRef: RefObject<HTMLTextAreaElement | null>;
  /** Escape: out of the text, which stays. */
  onLeave(): void;
}

export function AnswerBox({ ticket, areaRef, onLeave }: AnswerBoxProps) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const id = useId();
  const isOffline = useConnectionState().kind === 'offline';
  const { draft, write, uploads, send, isSending, error, isKept, isSaved } = useAnswer(ticket.id);
  const files = useMessages(fileWords);
  const drop = useFileDrop(uploads.add, isSending);
  const isTooLong = draft.body.length > ANSWER_MAX;
  const canSend = hasAnswer(draft) && !isTooLong && !isSending && uploads.holdUp === null;
  // That one is said above the box, where there is a way out.
  const failure = error !== null && !isApiError(error, 'reopen_expired') ? describe(error) : null;
  const reason = isApiError(error) ? Object.values(error.fieldErrors)[0] : undefined;

  async function submit() {
    if (!canSend) return;
    await send();
    areaRef.current?.focus({ preventScroll: true });
  }

  const saved = isSaved ? text.saved : isKept ? text.kept : '';
  const hint = uploads.holdUp === null ? saved : files[uploads.holdUp];
  return (
    <section className={classes.root} aria-label={text.write} {...drop.handlers}>
      {drop.isOver && <DropZone>{text.drop}</DropZone>}
      <Textarea
        ref={areaRef}
        variant="unstyled"
        autosize
        minRows={2}
        maxRows={8}
        aria-label={text.label}
        aria-describedby={failure ? `${id}-failure` : undefined}
        placeholder={text.label}
        value={draft.body}
        readOnly={isSending}
        error={isTooLong ? text.tooLong(ANSWER_MAX.toLocaleString()) : undefined}
        onChange={(event) => write(event.currentTarget.value)}
        onPaste={(event) => {
          const pasted = pastedFiles(event.clipboardData);
          if (pasted.length === 0) return;
          event.preventDefault();
          uploads.add(pasted);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && !event.nativeEvent.isComposing) {
            event.preventDefault();
            onLeave();
          } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void submit();
          }
        }}
        classNames={{ input: classes.input ?? '' }}
      />
      <div className={classes.files}>
        <UploadList uploads={uploads} onRemoved={() => areaRef.current?.focus({ preventScroll: true })} />
      </div>
      {failure && (
        <p id={`${id}-failure`} className={classes.failure} role="alert">
          <strong>{text.notSent}.</strong> {reason ?? `${failure.title}. ${failure.meaning}`}
        </p>
      )}
      {isOffline && hasAnswer(draft) && !failure && (
        <p className={classes.notice} role="status">
          {text.offline}
        </p>
      )}
      <div className={classes.foot}>
        <AttachButton onFiles={uploads.add} />
        <span className={classes.hint}>{hint}</span>
        <span className={classes.key}>
          <KeyHint keys="mod+Enter" />
        </span>
        <Button
          leftSection={<AppIcon name="send" size={14} />}
          disabled={!canSend && !isSending}
          loading={isSending}
          onClick={() => void submit()}
        >
          {text.send}
        </Button>
      </div>
    </section>
  );
}
