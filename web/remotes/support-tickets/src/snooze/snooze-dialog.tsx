/** A date and time until which something is put aside. */
import { Button, defineMessages, Modal, Stack, TextInput, useMessages } from '@flowbit/ui';
import { type FormEvent, useState } from 'react';
import classes from './snooze-dialog.module.css';
import { formatLocal, furthest, type LocalProblem, readLocal, snoozeTimes } from './snooze-times';
import { snoozeWords } from './snooze-words';

const words = defineMessages({
  en: {
    title: 'Snooze until',
    back: 'Back on',
    missing: 'Say when it is to be back: date and time.',
    past: 'That is over already. Choose a time to come.',
    far: 'A ticket can be snoozed for a year at most.',
    cancel: 'Cancel',
  },
  de: {
    title: 'Zurückstellen bis',
    back: 'Wieder vorlegen am',
    missing: 'Sagen Sie, wann es wieder vorgelegt wird: Datum und Uhrzeit.',
    past: 'Das ist schon vorbei. Wählen Sie eine Zeit, die noch kommt.',
    far: 'Ein Ticket kann höchstens ein Jahr zurückgestellt werden.',
    cancel: 'Abbrechen',
  },
});

export interface SnoozeDialogProps {
  isOpen: boolean;
  onClose(): void;
  onChoose(until: Date): void;
}

/** What stands there at first. */
function suggest(): string {
  const tomorrow = snoozeTimes(new Date()).find(({ name }) => name === 'tomorrow');
  return tomorrow ? formatLocal(tomorrow.at) : '';
}

export function SnoozeDialog({ isOpen, onClose, onChoose }: SnoozeDialogProps) {
  const text = useMessages(words);
  return (
    <Modal opened={isOpen} onClose={onClose} title={text.title} size={400}>
      <SnoozeForm onClose={onClose} onChoose={onChoose} />
    </Modal>
  );
}

function SnoozeForm({ onClose, onChoose }: Omit<SnoozeDialogProps, 'isOpen'>) {
  const text = useMessages(words);
  const { snooze } = useMessages(snoozeWords);
  const [typed, setTyped] = useState(suggest);
  const [problem, setProblem] = useState<LocalProblem | null>(null);
  const now = new Date();

  function submit(event: FormEvent) {
    event.preventDefault();
    const until = readLocal(typed, new Date());
    if (typeof until === 'string') {
      setProblem(until);
      return;
    }
    onClose();
    onChoose(until);
  }

  return (
    // What is wrong is said in the words of the page, not of the browser.
    <form noValidate onSubmit={submit}>
      <Stack gap={16}>
        <TextInput
          type="datetime-local"
          label={text.back}
          min={formatLocal(now)}
          max={formatLocal(furthest(now))}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setProblem(null);
          }}
          error={problem && text[problem]}
          required
          data-autofocus
        />
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {text.cancel}
          </Button>
          <Button type="submit">{snooze}</Button>
        </div>
      </Stack>
    </form>
  );
}
