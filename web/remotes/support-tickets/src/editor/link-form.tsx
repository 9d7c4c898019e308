/** The address of a link: of what is selected, of the link that the caret stands in, or of a new one. */
import { ActionIcon, AppIcon, Button, defineMessages, useMessages } from '@flowbit/ui';
import type { Editor } from '@tiptap/core';
import { useId, useState } from 'react';
import { readAddress } from './address';
import classes from './format-bar.module.css';

const words = defineMessages({
  en: {
    address: 'Address of the link',
    apply: 'Set link',
    remove: 'Remove link',
    cancel: 'Cancel',
    wrong: 'Write an address, such as example.com or name@example.com.',
  },
  de: {
    address: 'Adresse des Links',
    apply: 'Link setzen',
    remove: 'Link entfernen',
    cancel: 'Abbrechen',
    wrong: 'Geben Sie eine Adresse ein, etwa example.com oder name@example.com.',
  },
});

export interface LinkFormProps {
  editor: Editor;
  onClose(): void;
}

export function LinkForm({ editor, onClose }: LinkFormProps) {
  const text = useMessages(words);
  const id = useId();
  const [before] = useState(() => {
    const { href } = editor.getAttributes('link');
    return typeof href === 'string' ? href : '';
  });
  const [typed, setTyped] = useState(before);
  const [isWrong, setWrong] = useState(false);

  function close() {
    onClose();
    editor.view.focus();
  }

  function apply() {
    const href = readAddress(typed);
    if (href === null) {
      setWrong(true);
      return;
    }
    if (editor.state.selection.empty && before === '') {
      editor
        .chain()
        .insertContent({ type: 'text', text: typed.trim(), marks: [{ type: 'link', attrs: { href } }] })
        .unsetMark('link')
        .run();
    } else {
      editor.chain().extendMarkRange('link').setMark('link', { href }).run();
    }
    close();
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape leaves it, wherever in it one is
    <div
      className={classes.form}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.nativeEvent.isComposing) return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
    >
      <input
        // biome-ignore lint/a11y/noAutofocus: it was opened to be written in
        autoFocus
        className={classes.address}
        type="text"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        aria-label={text.address}
        placeholder={text.address}
        aria-invalid={isWrong || undefined}
        aria-describedby={isWrong ? `${id}-wrong` : undefined}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setWrong(false);
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
          event.preventDefault();
          apply();
        }}
      />
      <Button size="compact-sm" onClick={apply}>
        {text.apply}
      </Button>
      {before !== '' && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            editor.chain().extendMarkRange('link').unsetMark('link').run();
            close();
          }}
        >
          {text.remove}
        </Button>
      )}
      <ActionIcon size={24} aria-label={text.cancel} title={text.cancel} onClick={close}>
        <AppIcon name="x" size={14} />
      </ActionIcon>
      {isWrong && (
        <p id={`${id}-wrong`} className={classes.wrong} role="alert">
          {text.wrong}
        </p>
      )}
    </div>
  );
}
