/** Saying that one is out of office, or back. */
import {
  Button,
  defineMessages,
  describeError,
  Group,
  Modal,
  Stack,
  Text,
  TextInput,
  useMessages,
} from '@flowbit/ui';
import { type SubmitEvent, useState } from 'react';
import { showToast } from '../toasts/store';
import type { OwnAvailability } from './use-availability';

const words = defineMessages({
  en: {
    title: 'Out of office',
    intro: 'No team gives you tickets meanwhile, and whoever assigns one sees that you are away.',
    back: 'Back on',
    backMeaning: 'Left empty: until you say that you are back.',
    go: 'Go out of office',
    return: 'I am back',
    gone: 'You are out of office',
    returned: 'Welcome back',
    failed: 'That was not saved',
    cancel: 'Cancel',
  },
  de: {
    title: 'Abwesend',
    intro: 'Solange gibt Ihnen kein Team Tickets, und wer eines zuweist, sieht, dass Sie nicht da sind.',
    back: 'Wieder da am',
    backMeaning: 'Leer: bis Sie sagen, dass Sie wieder da sind.',
    go: 'Abwesend melden',
    return: 'Ich bin wieder da',
    gone: 'Sie sind abwesend',
    returned: 'Willkommen zurück',
    failed: 'Das wurde nicht gespeichert',
    cancel: 'Abbrechen',
  },
});

export interface OutOfOfficeProps {
  availability: OwnAvailability;
  onClose(): void;
}

/** The day after this one, as a date field has it: nobody is back before they are gone. */
function tomorrow(): string {
  const day = new Date();
  day.setDate(day.getDate() + 1);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-');
}

function OutOfOfficeForm({ availability, onClose }: OutOfOfficeProps) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const [day, setDay] = useState('');
  const [isBusy, setBusy] = useState(false);
  const isAway = availability.away !== null;

  async function save(event: SubmitEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      // The day begins where the person is.
      await availability.set(
        !isAway,
        isAway || day === '' ? null : new Date(`${day}T00:00:00`).toISOString(),
      );
      showToast({ kind: 'success', title: isAway ? text.returned : text.gone, key: 'away' });
      onClose();
    } catch (error) {
      const { title, meaning } = describe(error);
      showToast({ kind: 'error', title: text.failed, detail: `${title}. ${meaning}`, key: 'away' });
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void save(event)}>
      <Stack gap={16}>
        <Text c="dimmed">{text.intro}</Text>
        {!isAway && (
          <TextInput
            type="date"
            label={text.back}
            description={text.backMeaning}
            data-autofocus
            min={tomorrow()}
            value={day}
            onChange={(event) => setDay(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {text.cancel}
          </Button>
          <Button type="submit" loading={isBusy}>
            {isAway ? text.return : text.go}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function OutOfOffice({ opened, ...props }: OutOfOfficeProps & { opened: boolean }) {
  const text = useMessages(words);
  return (
    <Modal opened={opened} onClose={props.onClose} title={text.title} size={400}>
      <OutOfOfficeForm {...props} />
    </Modal>
  );
}
