/** Where one writes until the editor is here: a plain text area, which loses nothing. */
import { Textarea } from '@flowbit/ui';
import { useImperativeHandle, useLayoutEffect, useRef } from 'react';
import type { FieldHandle, FieldProps, Place } from './field';
import classes from './field.module.css';
import { isSame, type Written, writeOn } from './written';

export interface PlainFieldProps extends FieldProps {
  areaRef: React.RefObject<HTMLTextAreaElement | null>;
}

function placeIn({ value, selectionStart, selectionEnd }: HTMLTextAreaElement): Place {
  const before = value.slice(0, selectionStart);
  return {
    before: before.slice(before.lastIndexOf('\n') + 1),
    isLiteral: selectionStart !== selectionEnd,
  };
}

export function PlainField(props: PlainFieldProps) {
  const { ref, areaRef, kind, value, label, placeholder, isReadOnly, problem } = props;
  const { onChange, onBlur, onKey, onFiles } = props;
  /** The text that came from elsewhere, and what has become of it here. */
  const base = useRef(value);
  const last = useRef(value);
  useLayoutEffect(() => {
    if (!isSame(last.current, value)) base.current = value;
    last.current = value;
  }, [value]);
  function change(body: string) {
    const next: Written = writeOn(base.current, body);
    last.current = next;
    onChange(kind, next);
  }

  /** Where the caret goes once what was put in is shown. */
  const caret = useRef<number | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: when the text has changed
  useLayoutEffect(() => {
    if (caret.current === null) return;
    areaRef.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [value.body]);

  useImperativeHandle(
    ref,
    (): FieldHandle => ({
      focus: () => areaRef.current?.focus(),
      insert(text) {
        const area = areaRef.current;
        if (!area) return;
        const { value: body, selectionStart, selectionEnd } = area;
        caret.current = selectionStart + text.length;
        change(body.slice(0, selectionStart) + text + body.slice(selectionEnd));
      },
      getPlace: () => (areaRef.current ? placeIn(areaRef.current) : { before: '', isLiteral: false }),
    }),
  );

  return (
    <Textarea
      ref={areaRef}
      variant="unstyled"
      autosize
      minRows={2}
      maxRows={10}
      aria-label={label}
      placeholder={placeholder}
      value={value.body}
      readOnly={isReadOnly}
      error={problem}
      onChange={(event) => change(event.currentTarget.value)}
      onBlur={onBlur}
      onPaste={(event) => {
        if (onFiles(event.clipboardData)) event.preventDefault();
      }}
      onKeyDown={(event) => {
        const area = event.currentTarget;
        if (onKey(event.nativeEvent, () => placeIn(area))) event.preventDefault();
      }}
      classNames={{ input: classes.area ?? '' }}
    />
  );
}
