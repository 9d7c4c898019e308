/** Raising a request: a page of its own, whose text is kept until the request exists. */
import { queryKeys, type Ticket, type TicketPriority, unwrap } from '@flowbit/api';
import {
  AttachButton,
  DropZone,
  fileWords,
  pastedFiles,
  UploadList,
  useFileDrop,
  useUploads,
} from '@flowbit/attachments';
import { readKept, useConnectionState, useKept, useScreen, useTitle } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  defineMessages,
  describeError,
  KeyHint,
  Select,
  SkeletonRows,
  stateWords,
  Textarea,
  TextInput,
  UnstyledButton,
  useHotkeys,
  useMessages,
} from '@flowbit/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { attemptWith, draftName, readAnswer } from '../model/answer-draft';
import { useFields, useRequest } from '../model/queries';
import { FieldControl } from './field-control';
import classes from './new-request.module.css';
import {
  checkDraft,
  emptyDraft,
  errorsOf,
  followingTitle,
  hasText,
  type RequestDraft,
  readDraft,
  toCreateTicket,
} from './request-draft';

const words = defineMessages({
  en: {
    group: 'Requests',
    heading: 'New request',
    following: (number: number) => `Follow-up to #${number}`,
    back: 'Back to my requests',
    title: 'What is it about?',
    titlePlaceholder: 'In a few words',
    description: 'What happened?',
    descriptionHint: 'What you expected, what you have tried, which numbers or places it is about.',
    priority: 'How urgent is it?',
    files: 'Pictures and documents',
    filesHint: 'Pick them, drop them here, or paste a picture.',
    drop: 'Drop files to attach them',
    send: 'Send request',
    discard: 'Discard draft',
    kept: 'Kept as a draft on this device',
    offline: 'You are offline. The draft is kept; send it once the connection is back.',
    titleMissing: 'Say in a few words what it is about.',
    titleTooLong: 'At most 200 characters.',
    descriptionTooLong: 'At most 20,000 characters.',
    fieldMissing: 'We need this to help you.',
    raised: (number: number) => `Request #${number} is on its way`,
    titleOf: (number: number) => `Follow-up to #${number}: `,
  },
  de: {
    group: 'Anfragen',
    heading: 'Neue Anfrage',
    following: (number: number) => `Folgeanfrage zu #${number}`,
    back: 'Zurück zu meinen Anfragen',
    title: 'Worum geht es?',
    titlePlaceholder: 'In wenigen Worten',
    description: 'Was ist passiert?',
    descriptionHint:
      'Was Sie erwartet haben, was Sie schon versucht haben, um welche Nummern oder Orte es geht.',
    priority: 'Wie dringend ist es?',
    files: 'Bilder und Dokumente',
    filesHint: 'Auswählen, hierher ziehen oder ein Bild einfügen.',
    drop: 'Dateien hier ablegen',
    send: 'Anfrage senden',
    discard: 'Entwurf verwerfen',
    kept: 'Als Entwurf auf diesem Gerät',
    offline: 'Sie sind offline. Der Entwurf bleibt; senden Sie ihn, sobald die Verbindung steht.',
    titleMissing: 'Sagen Sie in wenigen Worten, worum es geht.',
    titleTooLong: 'Höchstens 200 Zeichen.',
    descriptionTooLong: 'Höchstens 20.000 Zeichen.',
    fieldMissing: 'Das brauchen wir, um Ihnen zu helfen.',
    raised: (number: number) => `Anfrage #${number} ist unterwegs`,
    titleOf: (number: number) => `Folgeanfrage zu #${number}: `,
  },
});

const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const satisfies readonly TicketPriority[];

export interface NewRequestProps {
  /** The request that it goes on with; null for none. */
  follows: string | null;
}

export function NewRequest({ follows }: NewRequestProps) {
  const before = useRequest(follows);
  // What is not here any more is followed by nothing: the form is the usual one.
  if (follows !== null && before.isPending) return <SkeletonRows rows={4} height={72} lines={2} />;
  return <RequestForm before={before.data ?? null} />;
}

/** Once the problems are shown. */
function focusFirstProblem(form: RefObject<HTMLFormElement | null>) {
  requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

function RequestForm({ before }: { before: Ticket | null }) {
  const text = useMessages(words);
  const levels = useMessages(stateWords);
  const describe = useMessages(describeError);
  const { client, user, href, navigate, toast } = useScreen();
  const queryClient = useQueryClient();
  const isOffline = useConnectionState().kind === 'offline';
  const form = useRef<HTMLFormElement>(null);
  const [wasTried, setTried] = useState(false);
  const { fields } = useFields();
  const name = before === null ? 'new-request' : `follow-up:${before.id}`;
  const heading = before === null ? text.heading : text.following(before.number);
  useTitle(heading);

  /** A follow-up begins with what it follows, and with what was written there too late. */
  function begin(): RequestDraft {
    const empty = emptyDraft();
    if (before === null) return empty;
    const late = readAnswer(readKept(user, draftName(before.id)));
    return {
      ...empty,
      title: followingTitle(text.titleOf(before.number), before.title),
      description: late.body,
    };
  }
  const {
    value: draft,
    set,
    reset,
    isKept,
  } = useKept<RequestDraft>({
    name,
    restore: (kept) => (kept === null ? begin() : readDraft(kept)),
    isWorthKeeping: hasText,
  });

  const attaching = useMessages(fileWords);
  const uploads = useUploads(name);
  const drop = useFileDrop(uploads.add);

  const creation = useMutation({
    mutationFn: (input: RequestDraft) =>
      unwrap(
        client.POST('/api/tickets', {
          params: { header: { 'Idempotency-Key': input.key } },
          body: toCreateTicket(input, fields),
        }),
      ),
    onSuccess: (ticket) => {
      reset(emptyDraft());
      uploads.take();
      queryClient.setQueryData(queryKeys.tickets.detail(ticket.id), ticket);
      void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.lists });
      void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.counts });
      toast({ kind: 'success', title: text.raised(ticket.number), key: 'raised' });
      navigate(`/${ticket.id}`, { replace: true });
    },
    onError: () => focusFirstProblem(form),
  });

  const found = wasTried ? checkDraft(draft, fields) : {};
  const refused = errorsOf(creation.error);
  const problemAt = (name: string) => {
    const problem = found[name];
    return problem === undefined ? refused[name] : text[problem];
  };
  const shown = [
    'title',
    'description',
    'priority',
    'attachments',
    ...fields.map(({ key }) => `customFields.${key}`),
  ];
  const isSaidAtFields = Object.keys(refused).some((name) => shown.includes(name));
  const failure = creation.error && !isSaidAtFields ? describe(creation.error) : null;

  function change(next: Partial<RequestDraft>) {
    if (creation.isError) creation.reset();
    set((known) => ({ ...known, ...next, key: crypto.randomUUID() }));
  }

  function submit() {
    setTried(true);
    if (creation.isPending) return;
    if (Object.keys(checkDraft(draft, fields)).length > 0) return focusFirstProblem(form);
    if (uploads.holdUp !== null) return;
    const attempt = attemptWith(
      draft,
      uploads.ready.map(({ id }) => id),
    );
    set(() => attempt);
    creation.mutate(attempt);
  }

  useEffect(() => {
    form.current?.querySelector<HTMLElement>('input')?.focus({ preventScroll: true });
  }, []);
  useHotkeys([
    { keys: 'Escape', label: text.back, group: text.group, run: () => navigate('/', { keepScroll: true }) },
  ]);

  return (
    <div className={classes.root}>
      <a className={classes.back} href={href('/')}>
        <AppIcon name="arrow-left" />
        <span>{text.back}</span>
      </a>
      <h1 className={classes.heading}>{heading}</h1>
      <form
        ref={form}
        noValidate
        aria-label={heading}
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
        {...drop.handlers}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            submit();
          }
        }}
      >
        {drop.isOver && <DropZone>{text.drop}</DropZone>}
        <TextInput
          label={text.title}
          required
          withAsterisk
          placeholder={text.titlePlaceholder}
          maxLength={400}
          autoComplete="off"
          value={draft.title}
          error={problemAt('title')}
          onChange={(event) => change({ title: event.currentTarget.value })}
        />
        <Textarea
          label={text.description}
          description={text.descriptionHint}
          autosize
          minRows={6}
          maxRows={18}
          value={draft.description}
          error={problemAt('description')}
          onChange={(event) => change({ description: event.currentTarget.value })}
          onPaste={(event) => {
            const pasted = pastedFiles(event.clipboardData);
            if (pasted.length === 0) return;
            event.preventDefault();
            uploads.add(pasted);
          }}
        />
        <fieldset className={classes.files}>
          <legend>{text.files}</legend>
          <UploadList uploads={uploads} />
          <div className={classes.attach}>
            <AttachButton onFiles={uploads.add} />
            <span>{text.filesHint}</span>
          </div>
          {problemAt('attachments') && <p className={classes.failure}>{problemAt('attachments')}</p>}
        </fieldset>
        {fields.map((field) => (
          <FieldControl
            key={field.id}
            field={field}
            typed={Object.hasOwn(draft.fields, field.key) ? draft.fields[field.key] : undefined}
            error={problemAt(`customFields.${field.key}`)}
            onChange={(typed) => change({ fields: { ...draft.fields, [field.key]: typed } })}
          />
        ))}
        <Select
          className={classes.priority ?? ''}
          label={text.priority}
          data={PRIORITIES.map((one) => ({ value: one, label: levels[one] }))}
          allowDeselect={false}
          value={draft.priority}
          error={problemAt('priority')}
          onChange={(next) => {
            const priority = PRIORITIES.find((one) => one === next);
            if (priority) change({ priority });
          }}
        />
        {isOffline && (
          <p className={classes.notice} role="status">
            {text.offline}
          </p>
        )}
        {failure && (
          <p className={classes.failure} role="alert">
            {failure.title}. {Object.values(refused)[0] ?? failure.meaning}
          </p>
        )}
        <div className={classes.foot}>
          <span className={classes.hint}>
            {wasTried && uploads.holdUp !== null && <span role="alert">{attaching[uploads.holdUp]}</span>}
            {(hasText(draft) || uploads.items.length > 0) && (
              <>
                {isKept && <span>{text.kept}</span>}
                <UnstyledButton
                  className={classes.discard}
                  onClick={() => {
                    creation.reset();
                    setTried(false);
                    reset(emptyDraft());
                    uploads.clear();
                  }}
                >
                  {text.discard}
                </UnstyledButton>
              </>
            )}
          </span>
          <span className={classes.key}>
            <KeyHint keys="mod+Enter" />
          </span>
          <Button type="submit" loading={creation.isPending} leftSection={<AppIcon name="send" size={14} />}>
            {text.send}
          </Button>
        </div>
      </form>
    </div>
  );
}
