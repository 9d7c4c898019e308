/** From when to when: a preset, or two moments. */
import {
  Button,
  defineMessages,
  Text,
  TextInput,
  UnstyledButton,
  useFormats,
  useMessages,
} from '@flowbit/ui';
import { type FormEvent, useState } from 'react';
import { type AuditFilter, fromLocalInput, PRESETS, startOf, toLocalInput } from './audit-filter';
import classes from './time-choice.module.css';

const words = defineMessages({
  en: {
    hour: 'Last hour',
    today: 'Today',
    week: 'Last 7 days',
    month: 'Last 30 days',
    from: 'From',
    to: 'Before',
    apply: 'Apply',
    reversed: 'The beginning lies after the end.',
    since: (from: string) => `since ${from}`,
    until: (to: string) => `before ${to}`,
    between: (from: string, to: string) => `${from} to ${to}`,
  },
  de: {
    hour: 'Letzte Stunde',
    today: 'Heute',
    week: 'Letzte 7 Tage',
    month: 'Letzte 30 Tage',
    from: 'Ab',
    to: 'Vor',
    apply: 'Anwenden',
    reversed: 'Der Anfang liegt nach dem Ende.',
    since: (from: string) => `ab ${from}`,
    until: (to: string) => `vor ${to}`,
    between: (from: string, to: string) => `${from} bis ${to}`,
  },
});

export type TimeFilter = Pick<AuditFilter, 'from' | 'to'>;

/** The chosen time in words; null when it is not restricted. */
export function useTimeWords({ from, to }: TimeFilter): string | null {
  const text = useMessages(words);
  const formats = useFormats();
  const say = (timestamp: string) => {
    const at = new Date(timestamp);
    return `${formats.date(at)} ${formats.time(at)}`;
  };
  if (from !== undefined && to !== undefined) return text.between(say(from), say(to));
  if (from !== undefined) return text.since(say(from));
  return to === undefined ? null : text.until(say(to));
}

export function TimeChoice({ filter, onChoose }: { filter: TimeFilter; onChoose(time: TimeFilter): void }) {
  const text = useMessages(words);
  const [from, setFrom] = useState(toLocalInput(filter.from));
  const [to, setTo] = useState(toLocalInput(filter.to));
  const isReversed = from !== '' && to !== '' && from >= to;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (isReversed) return;
    const [start, end] = [fromLocalInput(from), fromLocalInput(to)];
    onChoose({ ...(start ? { from: start } : {}), ...(end ? { to: end } : {}) });
  }

  return (
    <>
      <div className={classes.presets}>
        {PRESETS.map((preset, index) => (
          <UnstyledButton
            key={preset}
            className={classes.preset}
            data-autofocus={index === 0 || undefined}
            onClick={() => onChoose({ from: startOf(preset, new Date()) })}
          >
            {text[preset]}
          </UnstyledButton>
        ))}
      </div>
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          type="datetime-local"
          label={text.from}
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label={text.to}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        {isReversed && (
          <Text size="xs" c="var(--fb-danger)" role="alert">
            {text.reversed}
          </Text>
        )}
        <Button type="submit" variant="default" disabled={isReversed || (from === '' && to === '')}>
          {text.apply}
        </Button>
      </form>
    </>
  );
}
