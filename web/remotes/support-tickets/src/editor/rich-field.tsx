/**
 * The editor. It is loaded when somebody is about to write.
 *
 * The text is the editor's while somebody writes; what comes from elsewhere (a draft of another browser, a macro,
 * what could not be sent) is put into it. A key is seen before anybody else hears of the text: that it has begun or
 * ended is told at once, all else in a moment, or as soon as a key or a click means more than text.
 */
import { richClass } from '@flowbit/rich';
import { Editor } from '@tiptap/core';
import { Fragment, type Node, Slice } from '@tiptap/pm/model';
import { EditorState, Selection } from '@tiptap/pm/state';
import type { EditorView } from '@tiptap/pm/view';
import { useEffect, useId, useImperativeHandle, useLayoutEffect, useRef } from 'react';
import { flushSync } from 'react-dom';
import { linesOf, makeDocument, partLines, readDocument } from './document';
import { extensions } from './extensions';
import type { FieldHandle, FieldProps, Place } from './field';
import classes from './field.module.css';
import { isSame, type Written, writeOn } from './written';

/** Where the caret stood in the plain field, and whether the focus was there. */
export interface Start {
  caret: number;
  hasFocus: boolean;
}

export interface RichFieldProps extends FieldProps {
  start: Start | null;
  onEditor(editor: Editor | null): void;
  onLink(): void;
}

/** So long after a key the rest of the page hears of it: it is painted by then. */
const TELL_MS = 60;

const NOWHERE: Place = { before: '', isLiteral: false };

function placeIn({ state }: EditorView): Place {
  const { $from, empty } = state.selection;
  const before = $from.parent.textBetween(0, $from.parentOffset, undefined, '\n');
  return {
    before: before.slice(before.lastIndexOf('\n') + 1),
    isLiteral: !empty || $from.parent.type.spec.code === true,
  };
}

function isBlank({ childCount, firstChild, content }: Node): boolean {
  return childCount === 1 && firstChild?.type.name === 'paragraph' && content.size === 2;
}

/** Of plain text: each end of a line is a step out of one paragraph and into the next. */
function positionOf({ body }: Written, caret: number): number {
  return 1 + caret + (body.slice(0, caret).match(/\n/g)?.length ?? 0);
}

/** Takes what is pasted of a page as lines, as they are written here. */
function partPasted(html: string): string {
  if (html.includes('data-pm-slice')) return html;
  const page = new DOMParser().parseFromString(html, 'text/html');
  partLines(page.body);
  return page.body.innerHTML;
}

function put(editor: Editor, written: Written, isAnother: boolean) {
  const { view } = editor;
  const doc = makeDocument(view.state.schema, written);
  // Nothing that was sent, and nothing of the other kind, comes back by undoing.
  if (isAnother || written.body === '') {
    view.updateState(
      EditorState.create({ doc, plugins: view.state.plugins, selection: Selection.atEnd(doc) }),
    );
  } else {
    const { tr } = view.state;
    tr.replaceWith(0, tr.doc.content.size, doc.content);
    view.dispatch(tr.setSelection(Selection.atEnd(tr.doc)).setMeta('preventUpdate', true).scrollIntoView());
  }
  // Who shows how things stand hears of it.
  view.dispatch(view.state.tr.setMeta('addToHistory', false));
}

export function RichField(props: RichFieldProps) {
  const { ref, kind, value, label, placeholder, isReadOnly, problem } = props;
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const made = useRef<Editor | null>(null);
  const latest = useRef(props);
  /** What the editor holds, as far as it was told. */
  const shown = useRef({ kind, value });
  /** Tells what was not told yet. */
  const tell = useRef(() => {});

  useLayoutEffect(() => {
    latest.current = props;
  });

  useLayoutEffect(() => {
    const { start, onEditor } = latest.current;
    let isHere = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const editor = new Editor({
      element: host.current,
      extensions,
      injectCSS: false,
      enablePasteRules: false,
      editable: !latest.current.isReadOnly,
      editorProps: {
        attributes: () => {
          const now = latest.current;
          return {
            role: 'textbox',
            'aria-multiline': 'true',
            'aria-label': now.label,
            ...(now.isReadOnly ? { 'aria-readonly': 'true' } : {}),
            ...(now.problem === undefined
              ? {}
              : { 'aria-invalid': 'true', 'aria-describedby': `${id}-problem` }),
            class: `${richClass} ${classes.text}`,
            dir: 'auto',
          };
        },
        handleKeyDown(view, event) {
          // Whoever takes the key must know the text as it is.
          if (event.ctrlKey || event.metaKey || event.key === 'Escape') tell.current();
          const { onKey, onLink, isReadOnly: isFixed } = latest.current;
          if (onKey(event, () => placeIn(view))) return true;
          const isLink =
            event.key.toLowerCase() === 'k' && event.shiftKey && (event.ctrlKey || event.metaKey) && !isFixed;
          if (isLink) onLink();
          return isLink;
        },
        handlePaste: (_, event) => latest.current.onFiles(event.clipboardData),
        // They are taken by the ticket around it.
        handleDrop: (_, event) => event.dataTransfer?.types.includes('Files') ?? false,
        handleDOMEvents: {
          blur: () => {
            tell.current();
            latest.current.onBlur();
            return false;
          },
        },
        transformPastedHTML: partPasted,
        clipboardTextParser: (text, _, __, view) =>
          new Slice(Fragment.from(linesOf(view.state.schema, text)), 1, 1),
        clipboardTextSerializer: ({ content }) => content.textBetween(0, content.size, '\n', '\n'),
      },
      onTransaction: ({ editor: { state } }) => {
        root.current?.toggleAttribute('data-blank', isBlank(state.doc));
      },
      onUpdate: ({ editor: { state } }) => {
        const isEmpty = state.doc.textContent.trim() === '';
        if (isEmpty !== (shown.current.value.body.trim() === '')) tell.current();
        else timer ??= setTimeout(() => tell.current(), TELL_MS);
      },
    });
    tell.current = () => {
      clearTimeout(timer);
      timer = undefined;
      const next = readDocument(editor.state.doc);
      if (!isHere || isSame(next, shown.current.value)) return;
      shown.current = { kind: shown.current.kind, value: next };
      flushSync(() => latest.current.onChange(shown.current.kind, next));
    };
    const leave = () => tell.current();
    // Before those hear of it who keep what they know.
    window.addEventListener('pagehide', leave, { capture: true });
    document.addEventListener('visibilitychange', leave, { capture: true });
    made.current = editor;
    put(editor, latest.current.value, true);
    if (start && latest.current.value.html === null) {
      const { tr } = editor.state;
      const at = Math.min(positionOf(latest.current.value, start.caret), tr.doc.content.size);
      editor.view.dispatch(tr.setSelection(Selection.near(tr.doc.resolve(at), -1)));
    }
    if (start?.hasFocus) editor.view.focus();
    onEditor(editor);
    return () => {
      isHere = false;
      // React is at work: it is only written down.
      if (timer !== undefined) latest.current.onChange(shown.current.kind, readDocument(editor.state.doc));
      clearTimeout(timer);
      window.removeEventListener('pagehide', leave, { capture: true });
      document.removeEventListener('visibilitychange', leave, { capture: true });
      made.current = null;
      onEditor(null);
      editor.destroy();
    };
  }, [id]);

  useLayoutEffect(() => {
    const editor = made.current;
    if (!editor) return;
    const { kind: before, value: held } = shown.current;
    if (before === kind && isSame(held, value)) return;
    // What was typed in this moment, and nobody was told of, goes on behind what comes.
    const { body } = readDocument(editor.state.doc);
    const untold = before === kind && body.startsWith(held.body) ? body.slice(held.body.length) : '';
    const merged = untold === '' ? value : writeOn(value, value.body + untold);
    shown.current = { kind, value: merged };
    put(editor, merged, before !== kind);
    if (merged !== value) latest.current.onChange(kind, merged);
  }, [kind, value]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: its attributes say these
  useLayoutEffect(() => {
    made.current?.view.setProps({});
  }, [label, problem, isReadOnly]);

  useEffect(() => {
    made.current?.setEditable(!isReadOnly, false);
  }, [isReadOnly]);

  useImperativeHandle(
    ref,
    (): FieldHandle => ({
      focus: () => made.current?.view.focus(),
      insert(text) {
        const view = made.current?.view;
        view?.dispatch(view.state.tr.insertText(text).scrollIntoView());
        tell.current();
      },
      getPlace: () => (made.current ? placeIn(made.current.view) : NOWHERE),
    }),
    [],
  );

  return (
    <div ref={root} className={classes.rich}>
      <div ref={host} />
      <div className={classes.placeholder} aria-hidden>
        {placeholder}
      </div>
      {problem !== undefined && (
        <p id={`${id}-problem`} className={classes.problem}>
          {problem}
        </p>
      )}
    </div>
  );
}
