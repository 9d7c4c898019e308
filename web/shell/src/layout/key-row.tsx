/** What some keys do, and the way to give it others. */
import {
  Button,
  canChooseKeys,
  chooseKeys,
  defineMessages,
  findKeyProblem,
  type Hotkey,
  KeyHint,
  type KeyProblem,
  strokeOf,
  useBoundHotkeys,
  useKeyChoices,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import classes from './keys-overview.module.css';

const words = defineMessages({
  en: {
    change: 'Change',
    changeOf: (what: string) => `Change the keys of “${what}”`,
    press: 'Press the new keys…',
    reset: 'As before',
    resetOf: (what: string) => `Give “${what}” its own keys again`,
    reserved: 'These keys belong to the browser, or are needed to get about.',
    taken: (what: string) => `These keys already do: ${what}.`,
    changed: (what: string) => `“${what}” has new keys.`,
  },
  de: {
    change: 'Ändern',
    changeOf: (what: string) => `Tasten von „${what}“ ändern`,
    press: 'Drücken Sie die neuen Tasten …',
    reset: 'Wie zuvor',
    resetOf: (what: string) => `„${what}“ die eigenen Tasten zurückgeben`,
    reserved: 'Diese Tasten gehören dem Browser oder werden zum Bedienen gebraucht.',
    taken: (what: string) => `Diese Tasten tun schon etwas: ${what}.`,
    changed: (what: string) => `„${what}“ hat neue Tasten.`,
  },
});

/** A second key that follows so soon belongs to the first. */
const SEQUENCE_MS = 800;
const MODIFIERS = ['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock'];

export interface KeyRowProps {
  label: string;
  hotkeys: readonly Hotkey[];
}

export function KeyRow({ label, hotkeys }: KeyRowProps) {
  const text = useMessages(words);
  const choices = useKeyChoices();
  const bound = useBoundHotkeys();
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<KeyProblem | null>(null);
  const [said, setSaid] = useState('');
  const pressed = useRef('');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const changeable = hotkeys.find(canChooseKeys);

  function stop() {
    clearTimeout(timer.current);
    pressed.current = '';
    setAsking(false);
  }

  function take() {
    const chosen = pressed.current;
    stop();
    if (!changeable || chosen === '') return;
    const found = findKeyProblem(changeable.keys, chosen, bound);
    setProblem(found);
    if (found) return;
    chooseKeys(changeable.keys, chosen);
    setSaid(text.changed(label));
  }

  function onKeyDown(event: KeyboardEvent) {
    if (!isAsking || event.nativeEvent.isComposing || event.key === 'Tab') return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat || MODIFIERS.includes(event.key)) return;
    if (event.key === 'Escape') {
      stop();
      return;
    }
    clearTimeout(timer.current);
    const stroke = strokeOf(event.nativeEvent);
    pressed.current = pressed.current === '' ? stroke : `${pressed.current} ${stroke}`;
    if (pressed.current.includes(' ')) take();
    else timer.current = setTimeout(take, SEQUENCE_MS);
  }

  return (
    <div className={classes.row}>
      <dt>
        {label}
        {problem && (
          <p className={classes.problem} role="alert">
            {problem.kind === 'taken' ? text.taken(problem.by) : text.reserved}
          </p>
        )}
        <VisuallyHidden role="status">{said}</VisuallyHidden>
      </dt>
      <dd className={classes.keys}>
        {changeable && choices.has(changeable.keys) && !isAsking && (
          <Button
            className={classes.change ?? ''}
            size="compact-xs"
            variant="subtle"
            color="gray"
            aria-label={text.resetOf(label)}
            onClick={() => {
              setProblem(null);
              chooseKeys(changeable.keys, null);
            }}
          >
            {text.reset}
          </Button>
        )}
        {changeable && (
          <Button
            className={classes.change ?? ''}
            size="compact-xs"
            variant={isAsking ? 'light' : 'subtle'}
            color={isAsking ? 'accent' : 'gray'}
            aria-label={isAsking ? text.press : text.changeOf(label)}
            // Escape ends the asking, not the dialog around it.
            data-mantine-stop-propagation={isAsking || undefined}
            onClick={() => {
              setProblem(null);
              setSaid('');
              setAsking(!isAsking);
            }}
            onKeyDown={onKeyDown}
            onBlur={stop}
          >
            {isAsking ? text.press : text.change}
          </Button>
        )}
        {!isAsking && hotkeys.map(({ keys }) => <KeyHint key={keys} keys={keys} />)}
      </dd>
    </div>
  );
}
