/** A key or a sequence of keys, as this machine's keyboard names them. */
import { Kbd } from '@mantine/core';
import { useKeyChoices } from '../hooks/use-hotkeys';
import classes from './key-hint.module.css';

const isApple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');

const NAMES: Record<string, string> = {
  mod: isApple ? '⌘' : 'Ctrl',
  shift: isApple ? '⇧' : 'Shift',
  alt: isApple ? '⌥' : 'Alt',
  escape: 'Esc',
  enter: '↵',
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  ' ': 'Space',
};

function nameOf(key: string): string {
  return NAMES[key.toLowerCase()] ?? key;
}

/** A letter stands as on its key when it is pressed together with others. */
function namesOf(stroke: string): string[] {
  const parts = stroke === '+' ? ['+'] : stroke.split('+');
  return parts.map((part) => (parts.length > 1 && part.length === 1 ? part.toUpperCase() : nameOf(part)));
}

/** `mod+k`, `g t`, `?`: as `useHotkeys` takes them; shown are those that the person has chosen instead. */
export function KeyHint({ keys }: { keys: string }) {
  const present = useKeyChoices().get(keys) ?? keys;
  const names = present.split(' ').flatMap((stroke) => namesOf(stroke));
  return (
    <span className={classes.root}>
      {names.map((name, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same key may be pressed twice
        <Kbd key={place} className={classes.key}>
          {name}
        </Kbd>
      ))}
    </span>
  );
}
