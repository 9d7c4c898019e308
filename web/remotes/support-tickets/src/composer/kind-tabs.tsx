/** Whether a reply or an internal note is written, as two tabs; the one that is not shown says if it has a text. */
import { AppIcon, defineMessages, KeyHint, useMessages, VisuallyHidden } from '@flowbit/ui';
import classes from './composer.module.css';
import { type ComposerDraft, type ComposerKind, KINDS } from './composer-draft';

const words = defineMessages({
  en: { unsent: 'has unsent text', unsentFiles: 'has unsent files' },
  de: { unsent: 'mit ungesendetem Text', unsentFiles: 'mit ungesendeten Dateien' },
});

/** What the two are called, alike wherever they stand. */
export const kindWords = defineMessages({
  en: { compose: 'Write', reply: 'Reply', note: 'Internal note' },
  de: { compose: 'Schreiben', reply: 'Antwort', note: 'Interne Notiz' },
});

export interface KindTabsProps {
  draft: ComposerDraft;
  kind: ComposerKind;
  /** Of which files are collected. */
  hasFiles: Readonly<Record<ComposerKind, boolean>>;
  onChoose(kind: ComposerKind): void;
  /** One was clicked: the next key is for the text. */
  onEnter(): void;
}

export function KindTabs({ draft, kind, hasFiles, onChoose, onEnter }: KindTabsProps) {
  const text = useMessages(words);
  const kinds = useMessages(kindWords);

  function markOf(one: ComposerKind): string | null {
    if (kind === one) return null;
    if (draft[one].trim() !== '') return text.unsent;
    return hasFiles[one] ? text.unsentFiles : null;
  }

  function renderMark(one: ComposerKind) {
    const mark = markOf(one);
    return (
      mark && (
        <span className={classes.unsent} title={mark}>
          <VisuallyHidden>, {mark}</VisuallyHidden>
        </span>
      )
    );
  }

  return (
    <div className={classes.tabs} role="radiogroup" aria-label={kinds.compose}>
      {KINDS.map((one) => (
        // biome-ignore lint/a11y/useSemanticElements: looks and acts as a tab, is a choice of two
        <button
          key={one}
          type="button"
          role="radio"
          aria-checked={kind === one}
          tabIndex={kind === one ? 0 : -1}
          className={classes.tab}
          data-tab={one}
          onClick={() => {
            onChoose(one);
            onEnter();
          }}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
            event.preventDefault();
            onChoose(one === 'reply' ? 'note' : 'reply');
            const other =
              event.currentTarget.nextElementSibling ?? event.currentTarget.previousElementSibling;
            if (other instanceof HTMLElement) other.focus();
          }}
        >
          <AppIcon name={one === 'note' ? 'lock' : 'message'} size={14} />
          {kinds[one]}
          {renderMark(one)}
          <span className={classes.key}>
            <KeyHint keys={one === 'note' ? 'n' : 'r'} />
          </span>
        </button>
      ))}
    </div>
  );
}
