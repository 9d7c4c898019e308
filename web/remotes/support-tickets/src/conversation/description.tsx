/** What was asked, as the first message of the story. Those who may change the ticket rewrite it in place. */
import type { Attachment, Ticket } from '@flowbit/api';
import { useKept, useScreen } from '@flowbit/contract';
import { ActionIcon, AppIcon, Button, defineMessages, KeyHint, Textarea, useMessages } from '@flowbit/ui';
import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { DESCRIPTION_MAX } from '../creation/ticket-draft';
import { fieldWords } from '../fields/words';
import { useChangeTicket, useUnsavedFields } from '../model/use-change-ticket';
import classes from './description.module.css';
import {
  beginDraft,
  type DescriptionDraft,
  isChanged,
  isDescriptionDraft,
  ticketToSaveOn,
} from './description-draft';
import { MessageView } from './message';

const words = defineMessages({
  en: {
    none: 'No description was given.',
    edit: 'Edit description',
    save: 'Save',
    cancel: 'Cancel',
    saving: 'Saving…',
    tooLong: 'At most 20,000 characters.',
    unsaved: 'Your change to the description is not saved. It is kept on this device.',
    goOn: 'Go on editing',
    discard: 'Discard',
  },
  de: {
    none: 'Ohne Beschreibung.',
    edit: 'Beschreibung ändern',
    save: 'Speichern',
    cancel: 'Abbrechen',
    saving: 'Wird gespeichert …',
    tooLong: 'Höchstens 20.000 Zeichen.',
    unsaved: 'Ihre Änderung der Beschreibung ist nicht gespeichert. Sie bleibt auf diesem Gerät.',
    goOn: 'Weiter bearbeiten',
    discard: 'Verwerfen',
  },
});

export interface DescriptionProps {
  ticket: Ticket;
  attachments: readonly Attachment[];
}

/** The component that uses it is made anew for each ticket. */
export function Description({ ticket, attachments }: DescriptionProps) {
  const text = useMessages(words);
  const { can } = useScreen();
  const changeTicket = useChangeTicket();
  const isSaving = useUnsavedFields(ticket.id).has('description');
  const [isEditing, setEditing] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const {
    value: draft,
    set,
    reset,
  } = useKept<DescriptionDraft | null>({
    name: `description:${ticket.id}`,
    restore: (kept) => (isDescriptionDraft(kept) ? kept : null),
    isWorthKeeping: (value) => value !== null && isChanged(value),
  });
  const isWaiting = draft !== null && isChanged(draft) && !isEditing && !isSaving;

  // It was saved after all, e.g. by trying again or in another tab.
  const isThere = isWaiting && draft.text.trim() === ticket.description.trim();
  useEffect(() => {
    if (isThere) reset(null);
  }, [isThere, reset]);

  function edit() {
    if (draft === null) set(() => beginDraft(ticket));
    setEditing(true);
  }

  /** Back to where the keyboard came from, before the next key. */
  function leave() {
    flushSync(() => setEditing(false));
    opener.current?.focus();
  }

  function cancel() {
    reset(null);
    leave();
  }

  /** Escape throws nothing away that was written. */
  function stepBack() {
    if (draft !== null && !isChanged(draft)) reset(null);
    leave();
  }

  function save() {
    if (draft === null || [...draft.text].length > DESCRIPTION_MAX) return;
    if (!isChanged(draft)) reset(null);
    else void changeTicket(ticketToSaveOn(ticket, draft), { description: draft.text.trim() });
    leave();
  }

  return (
    <MessageView
      author={{ kind: 'user', ...ticket.requester }}
      body={ticket.description || text.none}
      attachments={attachments}
      isFaint={ticket.description === '' || isSaving}
      isInternal={false}
      isRequester
      at={ticket.createdAt}
      {...(isSaving ? { state: <span role="status">{text.saving}</span> } : {})}
      {...(isEditing && draft !== null
        ? {
            content: (
              <Editor draft={draft} onChange={set} onSave={save} onCancel={cancel} onEscape={stepBack} />
            ),
          }
        : {})}
      action={
        can('agent', 'admin') &&
        ticket.mergedInto === null &&
        !isEditing && (
          <ActionIcon
            ref={opener}
            size={24}
            className={classes.edit ?? ''}
            aria-label={text.edit}
            onClick={edit}
          >
            <AppIcon name="edit" size={14} />
          </ActionIcon>
        )
      }
    >
      {isWaiting && !isThere && (
        <div className={classes.unsaved}>
          <AppIcon name="alert-triangle" size={14} />
          {text.unsaved}
          <div className={classes.unsavedButtons}>
            <Button size="compact-sm" variant="default" onClick={edit}>
              {text.goOn}
            </Button>
            <Button size="compact-sm" variant="subtle" color="gray" onClick={() => reset(null)}>
              {text.discard}
            </Button>
          </div>
        </div>
      )}
    </MessageView>
  );
}

interface EditorProps {
  draft: DescriptionDraft;
  onChange(change: (before: DescriptionDraft | null) => DescriptionDraft | null): void;
  onSave(): void;
  onCancel(): void;
  onEscape(): void;
}

function Editor({ draft, onChange, onSave, onCancel, onEscape }: EditorProps) {
  const text = useMessages(words);
  const fields = useMessages(fieldWords);
  const isTooLong = [...draft.text].length > DESCRIPTION_MAX;
  return (
    <div className={classes.editor}>
      <Textarea
        autoFocus
        autosize
        minRows={3}
        maxRows={16}
        aria-label={fields.description}
        value={draft.text}
        error={isTooLong ? text.tooLong : undefined}
        onChange={(event) => {
          const next = event.currentTarget.value;
          onChange((before) => before && { ...before, text: next });
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape') {
            event.preventDefault();
            onEscape();
          } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            onSave();
          }
        }}
      />
      <div className={classes.buttons}>
        <Button size="compact-md" variant="default" onClick={onCancel}>
          {text.cancel}
        </Button>
        <span className={classes.key}>
          <KeyHint keys="mod+Enter" />
        </span>
        <Button size="compact-md" disabled={isTooLong} onClick={onSave}>
          {text.save}
        </Button>
      </div>
    </div>
  );
}
