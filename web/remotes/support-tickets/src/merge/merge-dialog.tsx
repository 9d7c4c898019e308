/** Merging a ticket into another one of the same requester: which one, and what will happen. */
import type { Ticket } from '@flowbit/api';
import { useCommands } from '@flowbit/contract';
import {
  Button,
  defineMessages,
  describeError,
  Modal,
  Stack,
  StatusBadge,
  Text,
  useHotkeys,
  useMessages,
} from '@flowbit/ui';
import { type FormEvent, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { errorsOf } from '../creation/ticket-draft';
import { TicketCombobox } from '../fields/ticket-combobox';
import classes from './merge-dialog.module.css';
import { useMerge } from './use-merge';

export const mergeWords = defineMessages({
  en: { merge: 'Merge into another ticket' },
  de: { merge: 'Mit einem anderen Ticket zusammenführen' },
});

const words = defineMessages({
  en: {
    group: 'Ticket',
    title: (number: number) => `Merge #${number} into another ticket`,
    target: (name: string) => `Another ticket of ${name}`,
    none: 'There is no other ticket of this person.',
    closes: (number: number, into: number) =>
      `#${number} is closed, and whoever opens it is led to #${into}.`,
    keeps: (number: number, into: number) =>
      `Both conversations are kept: #${into} shows the one of #${number} where it is merged.`,
    undoes: 'You can undo this.',
    other: 'Choose another one',
    cancel: 'Cancel',
    confirm: (into: number) => `Merge into #${into}`,
  },
  de: {
    group: 'Ticket',
    title: (number: number) => `#${number} mit einem anderen Ticket zusammenführen`,
    target: (name: string) => `Ein anderes Ticket von ${name}`,
    none: 'Von dieser Person gibt es kein anderes Ticket.',
    closes: (number: number, into: number) =>
      `#${number} wird geschlossen; wer es öffnet, kommt zu #${into}.`,
    keeps: (number: number, into: number) =>
      `Beide Verläufe bleiben erhalten: #${into} zeigt den von #${number} dort, wo es dazukam.`,
    undoes: 'Sie können das rückgängig machen.',
    other: 'Anderes wählen',
    cancel: 'Abbrechen',
    confirm: (into: number) => `Mit #${into} zusammenführen`,
  },
});

const KEY = 'm';
/** By what else the palette finds it, in both languages. */
const KEYWORDS = ['duplicate', 'combine', 'Dublette', 'doppelt'];

export interface MergeDialogProps {
  ticket: Ticket;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
}

/** With its key and its command: there wherever a ticket can be merged. */
export function MergeDialog({ ticket, isOpen, onOpenChange }: MergeDialogProps) {
  const text = useMessages(words);
  const { merge: label } = useMessages(mergeWords);
  const [isMerging, setMerging] = useState(false);
  const open = useMemo(() => () => onOpenChange(true), [onOpenChange]);
  useHotkeys([{ keys: KEY, label, group: text.group, run: open }]);
  useCommands(
    useMemo(
      () => [{ id: 'merge', label: `${label} …`, icon: 'merge', keywords: KEYWORDS, keys: KEY, run: open }],
      [label, open],
    ),
  );
  return (
    <Modal
      opened={isOpen}
      // What is on its way is waited for.
      onClose={() => !isMerging && onOpenChange(false)}
      title={text.title(ticket.number)}
      size="lg"
      closeButtonProps={{ 'aria-label': text.cancel }}
    >
      {isOpen && (
        <MergeForm
          ticket={ticket}
          isMerging={isMerging}
          setMerging={setMerging}
          onClose={() => onOpenChange(false)}
        />
      )}
    </Modal>
  );
}

interface MergeFormProps {
  ticket: Ticket;
  isMerging: boolean;
  setMerging(isMerging: boolean): void;
  onClose(): void;
}

function MergeForm({ ticket, isMerging, setMerging, onClose }: MergeFormProps) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { merge } = useMerge();
  const [target, setTarget] = useState<Ticket | null>(null);
  const [error, setError] = useState<unknown>(null);
  const { requester } = ticket;
  const field = useRef<HTMLInputElement>(null);

  function chooseAnother() {
    setError(null);
    // The button goes as it is pressed; the next key is for the search.
    flushSync(() => setTarget(null));
    field.current?.focus();
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (target === null || isMerging) return;
    setMerging(true);
    setError(null);
    try {
      await merge(ticket, target);
      setMerging(false);
      onClose();
    } catch (caught) {
      setError(caught);
      setMerging(false);
    }
  }

  if (target === null) {
    return (
      <TicketCombobox
        label={text.target(requester.name)}
        requesterId={requester.id}
        accepts={({ id, mergedInto }) => id !== ticket.id && mergedInto === null}
        none={text.none}
        onPick={setTarget}
        inputRef={field}
      />
    );
  }
  const failure = error === null ? null : describe(error);
  const reason = errorsOf(error).intoId;
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap={16}>
        <div className={classes.target}>
          <StatusBadge status={target.status} variant="icon" />
          <span className={classes.title}>
            #{target.number} {target.title}
          </span>
          <Button size="compact-sm" variant="subtle" disabled={isMerging} onClick={chooseAnother}>
            {text.other}
          </Button>
        </div>
        <ul className={classes.meaning}>
          <li>{text.closes(ticket.number, target.number)}</li>
          <li>{text.keeps(ticket.number, target.number)}</li>
          <li>{text.undoes}</li>
        </ul>
        {failure && (
          <Text size="sm" c="var(--fb-danger)" role="alert">
            {failure.title}. {reason ?? failure.meaning}
          </Text>
        )}
        <div className={classes.buttons}>
          <Button variant="default" disabled={isMerging} onClick={onClose}>
            {text.cancel}
          </Button>
          {/* Where the keyboard goes on once a ticket is chosen. */}
          <Button type="submit" autoFocus loading={isMerging}>
            {text.confirm(target.number)}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
