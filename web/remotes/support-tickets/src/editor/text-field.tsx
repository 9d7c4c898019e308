/** The field of a text: plain until the editor is loaded, which is when somebody is about to write. */
import type { Editor } from '@tiptap/core';
import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import type { FieldProps } from './field';
import { FormatBar } from './format-bar';
import { PlainField } from './plain-field';
import type { RichField, Start } from './rich-field';

type Rich = typeof RichField;

let program: Rich | null = null;

async function load(): Promise<Rich> {
  program ??= (await import('./rich-field')).RichField;
  return program;
}

export interface TextFieldProps extends FieldProps {
  /** Something floats over it that will give the focus back: the field stays what it is. */
  isHeld: boolean;
  /** Somebody is about to write. */
  isWanted: boolean;
}

export function TextField({ isHeld, isWanted, ...props }: TextFieldProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const [known, setKnown] = useState<{ Field: Rich; start: Start | null } | null>(
    program && { Field: program, start: null },
  );
  const [editor, setEditor] = useState<Editor | null>(null);
  const [isLinking, setLinking] = useState(false);
  const isDue = !known && !isHeld && (isWanted || props.value.html !== null);

  useEffect(() => {
    if (!isDue) return;
    const settled = new AbortController();
    const { signal } = settled;
    function exchange(Field: Rich) {
      if (signal.aborted) return;
      const plain = area.current;
      const start = plain && {
        caret: plain.selectionEnd,
        hasFocus: plain.ownerDocument.activeElement === plain,
      };
      // In one go: a key that waits finds the one or the other.
      flushSync(() => setKnown({ Field, start }));
    }
    let isComposing = false;
    let waiting: Rich | null = null;
    area.current?.addEventListener(
      'compositionstart',
      () => {
        isComposing = true;
      },
      { signal },
    );
    area.current?.addEventListener(
      'compositionend',
      () => {
        isComposing = false;
        const Field = waiting;
        if (Field) setTimeout(() => exchange(Field));
      },
      { signal },
    );
    load().then(
      (Field) => {
        if (isComposing) waiting = Field;
        else setTimeout(() => exchange(Field));
      },
      // Plain text can be written and sent all the same.
      () => {},
    );
    return () => settled.abort();
  }, [isDue]);

  return (
    <>
      {known ? (
        <known.Field {...props} start={known.start} onEditor={setEditor} onLink={() => setLinking(true)} />
      ) : (
        <PlainField {...props} areaRef={area} />
      )}
      {!props.isReadOnly && <FormatBar editor={editor} isLinking={isLinking} onLinkingChange={setLinking} />}
    </>
  );
}
