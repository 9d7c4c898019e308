/** Until when something is put aside: a list of times, and the way to any other one. */
import { AppIcon, defineMessages, type IconName, useFormats, useMessages } from '@flowbit/ui';
import { type ReactElement, useMemo, useState } from 'react';
import { Picker, type PickerOption, type PickerProps } from '../fields/picker';
import { SnoozeDialog } from './snooze-dialog';
import { snoozeTimes } from './snooze-times';
import { snoozeWords } from './snooze-words';

const words = defineMessages({
  en: {
    later: 'Later today',
    tomorrow: 'Tomorrow',
    monday: 'Monday',
    week: 'In a week',
    reply: 'Until they reply',
    other: 'Pick a date and time…',
  },
  de: {
    later: 'Später heute',
    tomorrow: 'Morgen',
    monday: 'Montag',
    week: 'In einer Woche',
    reply: 'Bis zur Antwort',
    other: 'Datum und Uhrzeit wählen …',
  },
});

export interface SnoozeMenuProps {
  /** Whether there is something to wake. */
  isSnoozed: boolean;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  /** Null: until the requester replies. */
  onSnooze(until: Date | null): void;
  onWake(): void;
  /** The button. */
  target: ReactElement;
  position: NonNullable<PickerProps['position']>;
}

export function SnoozeMenu(props: SnoozeMenuProps) {
  const { isSnoozed, isOpen, onOpenChange, onSnooze, onWake, target, position } = props;
  const text = useMessages(words);
  const { snooze, wake } = useMessages(snoozeWords);
  const formats = useFormats();
  const [isChoosing, setChoosing] = useState(false);
  // What was offered is what is taken, also when the clock goes on meanwhile.
  const times = useMemo(() => (isOpen ? snoozeTimes(new Date()) : []), [isOpen]);

  const option = (value: keyof typeof words.en | 'wake', icon: IconName, hint?: string): PickerOption => ({
    value,
    label: value === 'wake' ? wake : text[value],
    icon: <AppIcon name={icon} />,
    ...(hint === undefined ? {} : { hint }),
  });
  const options = [
    ...(isSnoozed ? [option('wake', 'alarm')] : []),
    ...times.map(({ name, at }) => option(name, 'clock', formats.moment(at, Date.now()))),
    option('reply', 'message'),
    option('other', 'calendar'),
  ];

  function pick(value: string) {
    const time = times.find(({ name }) => name === value);
    if (time) onSnooze(time.at);
    else if (value === 'reply') onSnooze(null);
    else if (value === 'wake') onWake();
    else setChoosing(true);
  }

  return (
    <>
      <Picker
        label={snooze}
        options={options}
        width={280}
        position={position}
        isOpen={isOpen}
        onOpenChange={onOpenChange}
        onPick={pick}
        target={target}
      />
      <SnoozeDialog isOpen={isChoosing} onClose={() => setChoosing(false)} onChoose={onSnooze} />
    </>
  );
}
