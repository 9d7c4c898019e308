/** A message becomes a ticket of its own, for whoever raised the first one. */
import { type Message, queryKeys, type Ticket, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  Button,
  defineMessages,
  describeError,
  Modal,
  Stack,
  Text,
  TextInput,
  useMessages,
} from '@flowbit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { errorsOf } from '../creation/ticket-draft';
import { storeTicket } from '../model/queries';
import { ticketPath } from '../model/ticket-path';
import { wantTitleFocus } from '../model/title-focus';
import { MessageText } from './message-text';
import classes from './split-dialog.module.css';

export const splitWords = defineMessages({
  en: {
    split: 'Split off as a new ticket',
    latest: 'Split the requester’s last message off',
    meaning: (name: string) =>
      `A new ticket of ${name} begins with this message. The message stays here as well; both tickets name each other.`,
    title: 'Title of the new ticket',
    confirm: 'Create ticket',
    cancel: 'Cancel',
    done: (number: number) => `Ticket #${number} created`,
  },
  de: {
    split: 'Als neues Ticket abtrennen',
    latest: 'Letzte Nachricht der anfragenden Person abtrennen',
    meaning: (name: string) =>
      `Ein neues Ticket von ${name} beginnt mit dieser Nachricht. Hier bleibt sie auch; beide Tickets nennen einander.`,
    title: 'Titel des neuen Tickets',
    confirm: 'Ticket anlegen',
    cancel: 'Abbrechen',
    done: (number: number) => `Ticket #${number} angelegt`,
  },
});

const TITLE_MAX = 200;
/** A title that is suggested is not longer. */
const SUGGESTED_MAX = 80;

/** The message's first line, as far as a title goes: without what no title may hold. */
export function suggestTitle(body: string): string {
  const first = body.trim().split(/\r?\n/, 1)[0] ?? '';
  const line = first.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  const characters = [...line];
  if (characters.length <= SUGGESTED_MAX) return line;
  const cut = characters.slice(0, SUGGESTED_MAX).join('');
  const end = cut.lastIndexOf(' ');
  return `${(end > SUGGESTED_MAX / 2 ? cut.slice(0, end) : cut).trim()}…`;
}

export interface SplitDialogProps {
  ticket: Ticket;
  /** Null: closed. */
  message: Message | null;
  onClose(): void;
}

export function SplitDialog({ ticket, message, onClose }: SplitDialogProps) {
  const text = useMessages(splitWords);
  const [isSaving, setSaving] = useState(false);
  // What was sent may have been done although no answer came: sent once more, it is the same.
  const keys = useRef(new Map<string, string>());
  function keyOf(messageId: string, title: string): string {
    const what = `${messageId} ${title}`;
    const key = keys.current.get(what) ?? crypto.randomUUID();
    keys.current.set(what, key);
    return key;
  }
  function close() {
    // A ticket that is being made is waited for.
    if (!isSaving) onClose();
  }
  return (
    <Modal opened={message !== null} onClose={close} title={text.split} size="lg">
      {message && (
        <SplitForm
          key={message.id}
          ticket={ticket}
          message={message}
          isSaving={isSaving}
          setSaving={setSaving}
          keyOf={keyOf}
          onClose={onClose}
        />
      )}
    </Modal>
  );
}

interface SplitFormProps extends SplitDialogProps {
  message: Message;
  isSaving: boolean;
  setSaving(isSaving: boolean): void;
  /** Under which key a message is split off with this title. */
  keyOf(messageId: string, title: string): string;
}

function SplitForm({ ticket, message, isSaving, setSaving, keyOf, onClose }: SplitFormProps) {
  const text = useMessages(splitWords);
  const describe = useMessages(describeError);
  const { client, user, navigate, search, toast } = useScreen();
  const queryClient = useQueryClient();
  const [title, setTitle] = useState(() => suggestTitle(message.body));
  const [error, setError] = useState<unknown>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (title.trim() === '' || isSaving) return;
    setSaving(true);
    setError(null);
    try {
      const raised = await unwrap(
        client.POST('/api/tickets/{id}/split', {
          params: { path: { id: ticket.id }, header: { 'Idempotency-Key': keyOf(message.id, title.trim()) } },
          body: { messageId: message.id, title: title.trim() },
        }),
      );
      storeTicket(queryClient, raised, user.id);
      void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.counts });
      toast({ kind: 'success', title: text.done(raised.number), key: 'created' });
      setSaving(false);
      onClose();
      wantTitleFocus(raised.id);
      navigate(ticketPath(raised.id, search));
    } catch (caught) {
      setError(caught);
      setSaving(false);
    }
  }

  const failure = error === null ? null : describe(error);
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap={16}>
        <Text size="sm">{text.meaning(ticket.requester.name)}</Text>
        <blockquote className={classes.quote}>
          <MessageText html={message.html} mentions={message.mentions}>
            {message.body}
          </MessageText>
        </blockquote>
        <TextInput
          label={text.title}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
          error={errorsOf(error).title ?? (failure && `${failure.title}. ${failure.meaning}`)}
          maxLength={TITLE_MAX}
          required
          data-autofocus
        />
        <div className={classes.buttons}>
          <Button variant="default" disabled={isSaving} onClick={onClose}>
            {text.cancel}
          </Button>
          <Button type="submit" loading={isSaving} disabled={title.trim() === ''}>
            {text.confirm}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
