/** What can be done with the text: each by a button, and by keys that the buttons name. */
import { ActionIcon, AppIcon, defineMessages, type IconName, useHotkeys, useMessages } from '@flowbit/ui';
import type { ChainedCommands, Editor } from '@tiptap/core';
import { type KeyboardEvent, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import classes from './format-bar.module.css';
import { LinkForm } from './link-form';

const words = defineMessages({
  en: {
    bar: 'Formatting',
    bold: 'Bold',
    italic: 'Italic',
    strike: 'Strikethrough',
    link: 'Link',
    blockquote: 'Quote',
    code: 'Code',
    codeBlock: 'Code block',
    bulletList: 'Bulleted list',
    orderedList: 'Numbered list',
    mod: 'Ctrl',
    shift: 'Shift',
  },
  de: {
    bar: 'Formatierung',
    bold: 'Fett',
    italic: 'Kursiv',
    strike: 'Durchgestrichen',
    link: 'Link',
    blockquote: 'Zitat',
    code: 'Code',
    codeBlock: 'Codeblock',
    bulletList: 'Aufzählung',
    orderedList: 'Nummerierte Liste',
    mod: 'Strg',
    shift: 'Umschalt',
  },
});

type Format =
  | 'bold'
  | 'italic'
  | 'strike'
  | 'link'
  | 'blockquote'
  | 'code'
  | 'codeBlock'
  | 'bulletList'
  | 'orderedList';

interface Action {
  name: Format;
  icon: IconName;
  /** With Ctrl or Cmd. */
  keys: string;
  run?: (chain: ChainedCommands) => ChainedCommands;
}

const ACTIONS: readonly Action[] = [
  { name: 'bold', icon: 'bold', keys: 'B', run: (chain) => chain.toggleBold() },
  { name: 'italic', icon: 'italic', keys: 'I', run: (chain) => chain.toggleItalic() },
  { name: 'strike', icon: 'strikethrough', keys: 'Shift+S', run: (chain) => chain.toggleStrike() },
  { name: 'link', icon: 'link', keys: 'Shift+K' },
  { name: 'bulletList', icon: 'list', keys: 'Shift+8', run: (chain) => chain.toggleBulletList() },
  { name: 'orderedList', icon: 'list-numbers', keys: 'Shift+7', run: (chain) => chain.toggleOrderedList() },
  { name: 'blockquote', icon: 'quote', keys: 'Shift+B', run: (chain) => chain.toggleBlockquote() },
  { name: 'code', icon: 'code', keys: 'E', run: (chain) => chain.toggleCode() },
  { name: 'codeBlock', icon: 'code-block', keys: 'Alt+C', run: (chain) => chain.toggleCodeBlock() },
];

const isApple = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');
const APPLE: Readonly<Record<string, string>> = { Shift: '⇧', Alt: '⌥' };

/** What the caret stands in, as one word that changes with it. */
function useActive(editor: Editor | null): ReadonlySet<string> {
  const subscribe = useCallback(
    (listener: () => void) => {
      editor?.on('transaction', listener);
      return () => {
        editor?.off('transaction', listener);
      };
    },
    [editor],
  );
  const active = useSyncExternalStore(subscribe, () =>
    editor && !editor.isDestroyed
      ? ACTIONS.filter(({ name }) => editor.isActive(name))
          .map(({ name }) => name)
          .join(' ')
      : '',
  );
  return new Set(active.split(' '));
}

export interface FormatBarProps {
  /** Null until it is loaded. */
  editor: Editor | null;
  isLinking: boolean;
  onLinkingChange(isLinking: boolean): void;
}

export function FormatBar({ editor, isLinking, onLinkingChange }: FormatBarProps) {
  const text = useMessages(words);
  const active = useActive(editor);
  const bar = useRef<HTMLDivElement>(null);
  const [entry, setEntry] = useState<Format>('bold');
  // The editor hears them: here they are listed.
  useHotkeys(
    ACTIONS.map(({ name, keys }) => ({
      keys: `mod+${keys.toLowerCase()}`,
      label: text[name],
      group: text.bar,
    })),
  );

  /** Pressed before the editor was here. */
  const waiting = useRef<{ run: Action['run'] } | null>(null);

  function act(on: Editor, run: Action['run']) {
    if (!run) {
      onLinkingChange(true);
      return;
    }
    run(on.chain()).run();
    on.view.focus();
  }

  // biome-ignore lint/correctness/useExhaustiveDependencies: once the editor is here
  useEffect(() => {
    const due = waiting.current;
    waiting.current = null;
    if (editor && due) act(editor, due.run);
  }, [editor]);

  function keysOf(keys: string): string {
    const parts = keys.split('+');
    if (isApple) return ['⌘', ...parts.map((part) => APPLE[part] ?? part)].join('');
    return [text.mod, ...parts.map((part) => (part === 'Shift' ? text.shift : part))].join('+');
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: 'first', End: 'last' }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = ACTIONS.findIndex(({ name }) => name === entry);
    const to =
      step === 'first'
        ? 0
        : step === 'last'
          ? ACTIONS.length - 1
          : (at + Number(step) + ACTIONS.length) % ACTIONS.length;
    bar.current?.querySelectorAll('button')[to]?.focus();
  }

  if (editor && isLinking) return <LinkForm editor={editor} onClose={() => onLinkingChange(false)} />;
  return (
    <div ref={bar} className={classes.bar} role="toolbar" aria-label={text.bar} onKeyDown={onKeyDown}>
      {ACTIONS.map(({ name, icon, keys, run }) => (
        <ActionIcon
          key={name}
          size={28}
          className={classes.button ?? ''}
          aria-label={text[name]}
          title={`${text[name]} (${keysOf(keys)})`}
          aria-pressed={active.has(name)}
          tabIndex={name === entry ? 0 : -1}
          onFocus={() => setEntry(name)}
          // The focus stays in the text.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => {
            if (editor) act(editor, run);
            else waiting.current = { run };
          }}
        >
          <AppIcon name={icon} size={16} />
        </ActionIcon>
      ))}
    </div>
  );
}
