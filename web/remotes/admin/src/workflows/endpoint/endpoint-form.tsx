/** Where events go, which, and how long their workflow may take: for a new endpoint and for changing one. */
import { type Endpoint, isApiError } from '@flowbit/api';
import {
  Button,
  Checkbox,
  defineMessages,
  describeError,
  Group,
  Input,
  NumberInput,
  Select,
  Stack,
  Text,
  TextInput,
  useMessages,
} from '@flowbit/ui';
import { type FormEvent, useState } from 'react';
import { useActionWords } from '../../parts/action-words';
import { Dialog } from '../../parts/dialog';
import classes from './endpoint-form.module.css';
import {
  type EndpointValues,
  MAX_DEADLINE_SECONDS,
  secondsOf,
  spanOf,
  UNITS,
  type Unit,
} from './endpoint-state';

/** What an endpoint may ask for. */
const EVENTS = ['ticket.created', 'ticket.updated', 'ticket.deleted', 'message.created'];

const words = defineMessages({
  en: {
    add: 'Add an endpoint',
    edit: 'Edit endpoint',
    url: 'URL',
    urlMeaning: 'Events are sent there by POST. In n8n: the Production URL of a Webhook node.',
    urlWaiting: 'Deliveries that are waiting go to the new address too.',
    events: 'Events',
    urlNetwork:
      'This address is in a private network that deliveries may not reach. The operator can allow it (FLOWBIT_WEBHOOK_ALLOW).',
    urlInvalid: 'Enter a whole address that begins with http:// or https://, without a user name or a #.',
    eventsMissing: 'Choose at least one event.',
    description: 'Description (optional)',
    descriptionMeaning: 'What it is for. Its workflow writes messages under this name.',
    deadline: 'Deadline for an answer (optional)',
    deadlineMeaning:
      'After this time without an answer the ticket shows its workflow as overdue. Empty: never.',
    deadlineRange: 'Between 1 second and 30 days.',
    unit: 'Unit',
    second: 'seconds',
    minute: 'minutes',
    hour: 'hours',
    day: 'days',
    tooMany: 'Your company has reached its number of endpoints. Delete one that is no longer used.',
    cancel: 'Cancel',
    create: 'Add endpoint',
    save: 'Save',
  },
  de: {
    add: 'Endpunkt hinzufügen',
    edit: 'Endpunkt bearbeiten',
    url: 'URL',
    urlMeaning:
      'Dorthin werden Ereignisse per POST gesendet. In n8n: die Production URL eines Webhook-Knotens.',
    urlWaiting: 'Auch wartende Zustellungen gehen an die neue Adresse.',
    events: 'Ereignisse',
    urlNetwork:
      'Diese Adresse liegt in einem privaten Netz, das Zustellungen nicht erreichen dürfen. Der Betreiber kann es erlauben (FLOWBIT_WEBHOOK_ALLOW).',
    urlInvalid:
      'Geben Sie eine vollständige Adresse ein, die mit http:// oder https:// beginnt, ohne Benutzernamen und ohne #.',
    eventsMissing: 'Wählen Sie mindestens ein Ereignis.',
    description: 'Beschreibung (optional)',
    descriptionMeaning: 'Wozu er dient. Unter diesem Namen schreibt sein Workflow Nachrichten.',
    deadline: 'Frist für eine Antwort (optional)',
    deadlineMeaning: 'Nach dieser Zeit ohne Antwort zeigt das Ticket den Workflow als überfällig. Leer: nie.',
    deadlineRange: 'Zwischen 1 Sekunde und 30 Tagen.',
    unit: 'Einheit',
    second: 'Sekunden',
    minute: 'Minuten',
    hour: 'Stunden',
    day: 'Tage',
    tooMany: 'Ihr Unternehmen hat die Höchstzahl an Endpunkten erreicht. Löschen Sie einen unbenutzten.',
    cancel: 'Abbrechen',
    create: 'Endpunkt hinzufügen',
    save: 'Speichern',
  },
});

interface DeadlineProps {
  value: number | '';
  unit: Unit;
  error: string | undefined;
  onChange(value: number | '', unit: Unit): void;
}

function DeadlineField({ value, unit, error, onChange }: DeadlineProps) {
  const text = useMessages(words);
  return (
    <Input.Wrapper label={text.deadline} description={text.deadlineMeaning} error={error}>
      <div className={classes.deadline}>
        <NumberInput
          aria-label={text.deadline}
          value={value}
          onChange={(next) => onChange(typeof next === 'number' ? next : '', unit)}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          hideControls
          error={error !== undefined}
        />
        <Select
          aria-label={text.unit}
          value={unit}
          onChange={(next) => onChange(value, (next ?? unit) as Unit)}
          data={UNITS.map((one) => ({ value: one, label: text[one] }))}
          allowDeselect={false}
        />
      </div>
    </Input.Wrapper>
  );
}

export interface EndpointFormProps {
  /** The one to change; none for a new one. */
  endpoint?: Endpoint | undefined;
  onSubmit(values: EndpointValues): Promise<unknown>;
  onClose(): void;
}

function Fields({ endpoint, onSubmit, onClose }: EndpointFormProps) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const actionWords = useActionWords();
  const span = endpoint?.deadlineSeconds ? spanOf(endpoint.deadlineSeconds) : null;
  const [url, setUrl] = useState(endpoint?.url ?? '');
  const [description, setDescription] = useState(endpoint?.description ?? '');
  const [events, setEvents] = useState<string[]>(endpoint?.events ?? ['ticket.created']);
  const [deadline, setDeadline] = useState<{ value: number | ''; unit: Unit }>(
    span ?? { value: '', unit: 'minute' },
  );
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const { value, unit } = deadline;
  const deadlineSeconds = value === '' ? null : secondsOf({ value, unit });
  const isTooLong =
    deadlineSeconds !== null && (deadlineSeconds < 1 || deadlineSeconds > MAX_DEADLINE_SECONDS);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (events.length === 0 || isTooLong) return;
    setBusy(true);
    setError(null);
    try {
      await onSubmit({ url: url.trim(), description: description.trim(), events, deadlineSeconds });
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  }

  const fields = isApiError(error) ? error.fieldErrors : {};
  const urlError =
    fields.url &&
    (/network that deliveries may not reach/.test(fields.url) ? text.urlNetwork : text.urlInvalid);
  const eventsError = Object.entries(fields).find(([path]) => path.startsWith('events'))?.[1];
  const isGeneral = error !== null && Object.keys(fields).length === 0;
  const isFull = isApiError(error, 'too_many_endpoints');
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap={16}>
        <TextInput
          label={text.url}
          description={endpoint && url.trim() !== endpoint.url ? text.urlWaiting : text.urlMeaning}
          type="url"
          required
          data-autofocus
          placeholder="https://n8n.example.com/webhook/flowbit"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={urlError}
        />
        <Checkbox.Group
          label={text.events}
          required
          value={events}
          onChange={setEvents}
          error={events.length === 0 ? text.eventsMissing : eventsError}
        >
          <div className={classes.events}>
            {EVENTS.map((event) => (
              <Checkbox key={event} value={event} label={actionWords(event).label} description={event} />
            ))}
          </div>
        </Checkbox.Group>
        <TextInput
          label={text.description}
          description={text.descriptionMeaning}
          maxLength={200}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={fields.description}
        />
        <DeadlineField
          value={value}
          unit={unit}
          error={isTooLong ? text.deadlineRange : fields.deadlineSeconds}
          onChange={(next, nextUnit) => setDeadline({ value: next, unit: nextUnit })}
        />
        {isGeneral && (
          <Text size="sm" c="var(--fb-danger)" role="alert">
            {isFull ? text.tooMany : `${describe(error).title}. ${describe(error).meaning}`}
          </Text>
        )}
        <Group justify="flex-end" gap={8} mt={8}>
          <Button variant="default" onClick={onClose}>
            {text.cancel}
          </Button>
          <Button type="submit" loading={isBusy}>
            {endpoint ? text.save : text.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function EndpointForm(props: EndpointFormProps & { opened: boolean }) {
  const text = useMessages(words);
  return (
    <Dialog
      opened={props.opened}
      onClose={props.onClose}
      title={props.endpoint ? text.edit : text.add}
      size={520}
      closeOnClickOutside={false}
    >
      <Fields {...props} />
    </Dialog>
  );
}
