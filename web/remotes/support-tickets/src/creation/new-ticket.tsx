/** Raising a ticket: a dialog whose text is kept until the ticket exists. */
import { queryKeys, type Ticket, unwrap } from '@flowbit/api';
import {
  AttachButton,
  DropZone,
  fileWords,
  pastedFiles,
  useFileDrop,
  useUploads,
} from '@flowbit/attachments';
import { useConnectionState, useScreen } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  defineMessages,
  describeError,
  KeyHint,
  Modal,
  PriorityBars,
  TagsInput,
  Textarea,
  TextInput,
  UnstyledButton,
  useMediaQuery,
  useMessages,
} from '@flowbit/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, type ReactElement, type ReactNode, Suspense, useRef, useState } from 'react';
import { FieldInput } from '../fields/field-input';
import { valueAt } from '../fields/field-value';
import { Initials } from '../fields/initials';
import { NOBODY, useAssigneeOptions, usePriorityOptions } from '../fields/options';
import { Picker, type PickerOption } from '../fields/picker';
import { fieldWords } from '../fields/words';
import { useFields } from '../model/fields';
import { storeTicket, useAssignees } from '../model/queries';
import { PRIORITIES } from '../model/ticket-filter';
import classes from './new-ticket.module.css';
import {
  attemptKey,
  checkDraft,
  errorsOf,
  missingFields,
  type TicketDraft,
  toCreateTicket,
} from './ticket-draft';
import { useTicketDraft } from './use-ticket-draft';

const words = defineMessages({
  en: {
    heading: 'New ticket',
    titlePlaceholder: 'What is it about?',
    descriptionPlaceholder: 'What happened, what should happen, what you have tried',
    tagsPlaceholder: 'Add tags',
    create: 'Create ticket',
    cancel: 'Cancel',
    close: 'Close; the draft is kept',
    discard: 'Discard draft',
    kept: 'Kept as a draft on this device',
    offline: 'You are offline. The draft is kept; create the ticket once the connection is back.',
    titleMissing: 'Give the ticket a title.',
    titleTooLong: 'At most 200 characters.',
    descriptionTooLong: 'At most 20,000 characters.',
    tooManyTags: 'At most 20 tags.',
    tagTooLong: 'A tag has at most 40 characters.',
    fieldMissing: 'This is needed to create the ticket.',
    drop: 'Drop files to add them to the ticket',
    created: (number: number) => `Ticket #${number} created`,
  },
  de: {
    heading: 'Neues Ticket',
    titlePlaceholder: 'Worum geht es?',
    descriptionPlaceholder: 'Was ist passiert, was sollte passieren, was haben Sie schon versucht',
    tagsPlaceholder: 'Schlagwörter hinzufügen',
    create: 'Ticket anlegen',
    cancel: 'Abbrechen',
    close: 'Schließen; der Entwurf bleibt',
    discard: 'Entwurf verwerfen',
    kept: 'Als Entwurf auf diesem Gerät',
    offline: 'Sie sind offline. Der Entwurf bleibt; legen Sie das Ticket an, sobald die Verbindung steht.',
    titleMissing: 'Geben Sie dem Ticket einen Titel.',
    titleTooLong: 'Höchstens 200 Zeichen.',
    descriptionTooLong: 'Höchstens 20.000 Zeichen.',
    tooManyTags: 'Höchstens 20 Schlagwörter.',
    tagTooLong: 'Ein Schlagwort hat höchstens 40 Zeichen.',
    fieldMissing: 'Das wird gebraucht, um das Ticket anzulegen.',
    drop: 'Hier ablegen, um die Dateien zum Ticket zu legen',
    created: (number: number) => `Ticket #${number} angelegt`,
  },
});

/** The list of tickets, which has this dialog, does not wait for it. */
const UploadList = lazy(async () => ({ default: (await import('./upload-list')).UploadList }));

export interface NewTicketProps {
  isOpen: boolean;
  knownTags: readonly string[];
  onClose(): void;
  onCreated(ticket: Ticket): void;
}

export function NewTicket(props: NewTicketProps) {
  const text = useMessages(words);
  const isPhone = useMediaQuery('(max-width: 480px)', false, { getInitialValueInEffect: false });
  return (
    <Modal
      opened={props.isOpen}
      fullScreen={isPhone}
      onClose={props.onClose}
      title={text.heading}
      size={640}
      yOffset="10vh"
      closeButtonProps={{ 'aria-label': text.close }}
      classNames={{ title: classes.heading ?? '' }}
    >
      <NewTicketForm {...props} />
    </Modal>
  );
}

function NewTicketForm({ knownTags, onClose, onCreated }: NewTicketProps) {
  const text = useMessages(words);
  const fields = useMessages(fieldWords);
  const describe = useMessages(describeError);
  const { client, user, can, toast } = useScreen();
  const isStaff = can('agent', 'admin');
  const queryClient = useQueryClient();
  const isOffline = useConnectionState().kind === 'offline';
  const { draft, setDraft, clearDraft, isKept, isEmpty } = useTicketDraft();
  const [wasTried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const naming = useMessages(fileWords);
  const uploads = useUploads('new-ticket');
  const hasFiles = uploads.items.length > 0;
  const { isOver, handlers } = useFileDrop(uploads.add);

  const creation = useMutation({
    mutationFn: (input: TicketDraft) =>
      unwrap(
        client.POST('/api/tickets', {
          params: { header: { 'Idempotency-Key': attemptKey(input, uploads.ready) } },
          body: toCreateTicket(input, isStaff, uploads.ready),
        }),
      ),
    onSuccess: (ticket) => {
      clearDraft();
      uploads.take();
      storeTicket(queryClient, ticket, user.id);
      void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.counts });
      toast({ kind: 'success', title: text.created(ticket.number), key: 'created' });
      onCreated(ticket);
    },
  });

  const ownFields = useFields();
  const missing = missingFields(draft, ownFields);
  const found = wasTried ? checkDraft(draft) : {};
  const refused = errorsOf(creation.error);
  const problems = {
    title: found.title ? text[found.title] : refused.title,
    description: found.description ? text[found.description] : refused.description,
    tags: found.tags ? text[found.tags] : refused.tags,
    files: wasTried && uploads.holdUp !== null ? naming[uploads.holdUp] : refused.attachments,
    assignee: refused.assigneeId,
    priority: refused.priority,
  };
  const isRefusedAtFields = Object.keys(refused).length > 0;
  const failure = creation.error && !isRefusedAtFields ? describe(creation.error) : null;

  function change(next: Partial<TicketDraft>) {
    if (creation.isError) creation.reset();
    setDraft(next);
  }

  function discard() {
    clearDraft();
    uploads.clear();
  }

  /** Once the problems are shown. */
  function focusFirstProblem() {
    requestAnimationFrame(() => {
      const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
      field?.focus();
    });
  }

  function submit() {
    setTried(true);
    if (creation.isPending || uploads.holdUp !== null) return;
    if (Object.keys(checkDraft(draft)).length > 0 || missing.size > 0) focusFirstProblem();
    else creation.mutate(draft, { onError: focusFirstProblem });
  }

  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          submit();
        }
      }}
      onPaste={(event) => {
        const pasted = pastedFiles(event.clipboardData);
        if (pasted.length === 0) return;
        event.preventDefault();
        uploads.add(pasted);
      }}
      className={classes.form}
      {...handlers}
    >
      {isOver && <DropZone>{text.drop}</DropZone>}
      <TextInput
        data-autofocus
        label={fields.title}
        required
        placeholder={text.titlePlaceholder}
        maxLength={400}
        autoComplete="off"
        value={draft.title}
        error={problems.title}
        onChange={(event) => change({ title: event.currentTarget.value })}
      />
      <Textarea
        label={fields.description}
        placeholder={text.descriptionPlaceholder}
        autosize
        minRows={5}
        maxRows={14}
        value={draft.description}
        error={problems.description}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      <div className={classes.files}>
        <span className={classes.attach}>
          <AttachButton onFiles={uploads.add} />
          {naming.attach}
        </span>
        <Suspense>
          <UploadList uploads={uploads} />
        </Suspense>
        <span className={classes.failure} role="status">
          {problems.files}
        </span>
      </div>
      <TagsInput
        label={fields.tags}
        placeholder={draft.tags.length === 0 ? text.tagsPlaceholder : ''}
        data={knownTags.toSorted()}
        size="sm"
        maxTags={20}
        splitChars={[',', ';']}
        value={draft.tags}
        error={problems.tags}
        onChange={(tags) => change({ tags: [...new Set(tags.map((tag) => tag.trim().toLowerCase()))] })}
      />
      <div className={classes.choices}>
        <PriorityChoice draft={draft} error={problems.priority} onChange={change} />
        {isStaff && <AssigneeChoice draft={draft} error={problems.assignee} onChange={change} />}
      </div>
      {ownFields.map((field) => (
        <FieldInput
          key={field.id}
          field={field}
          value={valueAt(draft.customFields, field.key)}
          isRequired={field.required === 'create'}
          error={
            wasTried && missing.has(field.key) ? text.fieldMissing : refused[`customFields.${field.key}`]
          }
          onChange={(value) => change({ customFields: { ...draft.customFields, [field.key]: value } })}
        />
      ))}
      {isOffline && (
        <p className={classes.notice} role="status">
          {text.offline}
        </p>
      )}
      {failure && (
        <p className={classes.failure} role="alert">
          {failure.title}. {failure.meaning}
        </p>
      )}
      <div className={classes.foot}>
        <span className={classes.hint}>
          {(!isEmpty || hasFiles) && (
            <>
              {isKept && <span>{text.kept}</span>}
              <UnstyledButton className={classes.discard} onClick={discard}>
                {text.discard}
              </UnstyledButton>
            </>
          )}
        </span>
        <Button variant="default" onClick={onClose}>
          {text.cancel}
        </Button>
        <span className={classes.key}>
          <KeyHint keys="mod+Enter" />
        </span>
        <Button type="submit" loading={creation.isPending}>
          {text.create}
        </Button>
      </div>
    </form>
  );
}

interface ChoiceProps {
  draft: TicketDraft;
  error: string | undefined;
  onChange(next: Partial<TicketDraft>): void;
}

function Choice(props: {
  label: string;
  value: ReactNode;
  options: readonly PickerOption[];
  error: string | undefined;
  onPick(value: string): void;
}): ReactElement {
  const { label, value, options, error, onPick } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <div className={classes.choice}>
      <Picker
        label={label}
        options={options}
        onPick={onPick}
        isOpen={isOpen}
        onOpenChange={setOpen}
        target={
          <UnstyledButton
            className={classes.choiceButton}
            aria-invalid={error !== undefined || undefined}
            onClick={() => setOpen(!isOpen)}
          >
            <span className={classes.choiceLabel}>{label}</span>
            {value}
            <AppIcon name="chevron-down" size={14} />
          </UnstyledButton>
        }
      />
      {error && <p className={classes.failure}>{error}</p>}
    </div>
  );
}

function PriorityChoice({ draft, error, onChange }: ChoiceProps) {
  const fields = useMessages(fieldWords);
  return (
    <Choice
      label={fields.priority}
      value={
        <span className={classes.choiceValue}>
          <PriorityBars priority={draft.priority} withLabel />
        </span>
      }
      options={usePriorityOptions(draft.priority)}
      error={error}
      onPick={(value) => {
        const priority = PRIORITIES.find((one) => one === value);
        if (priority) onChange({ priority });
      }}
    />
  );
}

function AssigneeChoice({ draft, error, onChange }: ChoiceProps) {
  const fields = useMessages(fieldWords);
  const assignees = useAssignees().data;
  const chosen = assignees?.find(({ id }) => id === draft.assigneeId);
  return (
    <Choice
      label={fields.assignee}
      value={
        <span className={classes.choiceValue}>
          {chosen ? <Initials name={chosen.name} /> : <AppIcon name="user-off" />}
          {chosen?.name ?? fields.nobody}
        </span>
      }
      options={useAssigneeOptions(assignees, draft.assigneeId ?? NOBODY)}
      error={error}
      onPick={(value) => onChange({ assigneeId: value === NOBODY ? null : value })}
    />
  );
}
