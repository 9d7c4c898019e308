/** Before and after of each changed field: what went in red, what came in green, and in words for the ear. */
import type { Json } from '@flowbit/api';
import { AppIcon, defineMessages, useMessages, VisuallyHidden } from '@flowbit/ui';
import classes from './change-diff.module.css';
import { type Change, diffItems, diffWords, type Part } from './event-changes';
import { useEventWords } from './event-words';

const words = defineMessages({
  en: { removed: 'removed', added: 'added', before: 'before', after: 'after' },
  de: { removed: 'entfernt', added: 'hinzugefügt', before: 'vorher', after: 'nachher' },
});

/** From this length on texts are compared word by word. */
const LONG_TEXT = 48;

function isText(value: Json): value is string {
  return typeof value === 'string';
}

function PartText({ part, isItem }: { part: Part; isItem: boolean }) {
  const text = useMessages(words);
  const className = isItem ? classes.item : undefined;
  if (part.kind === 'kept') return <span className={className}>{part.text}</span>;
  const Tag = part.kind === 'removed' ? 'del' : 'ins';
  return (
    <Tag className={className}>
      <VisuallyHidden>{text[part.kind]}: </VisuallyHidden>
      {part.text}
    </Tag>
  );
}

function ChangeValue({ change }: { change: Change }) {
  const text = useMessages(words);
  const { wordOf } = useEventWords();
  const { from, to } = change;
  const field = change.path.at(-1) ?? '';

  if (Array.isArray(from) && Array.isArray(to) && field !== 'order') {
    const parts = diffItems(
      from.map((item) => wordOf(item, field)),
      to.map((item) => wordOf(item, field)),
    );
    return (
      <span className={classes.items}>
        {parts.map((part) => (
          <PartText key={`${part.kind}${part.text}`} part={part} isItem />
        ))}
      </span>
    );
  }
  if (isText(from) && isText(to) && (from.length > LONG_TEXT || to.length > LONG_TEXT)) {
    let offset = 0;
    return (
      <span className={classes.long}>
        {diffWords(from, to).map((part) => {
          offset += part.text.length;
          return <PartText key={`${offset}${part.kind}`} part={part} isItem={false} />;
        })}
      </span>
    );
  }
  const say = (value: Json) =>
    Array.isArray(value) ? value.map((item) => wordOf(item, field)).join(', ') : wordOf(value, field);
  return (
    <span className={classes.pair}>
      <del>
        <VisuallyHidden>{text.before}: </VisuallyHidden>
        {say(from)}
      </del>
      <AppIcon name="arrow-right" size={14} />
      <ins>
        <VisuallyHidden>{text.after}: </VisuallyHidden>
        {say(to)}
      </ins>
    </span>
  );
}

export function ChangeDiff({ changes }: { changes: readonly Change[] }) {
  const { fieldOf } = useEventWords();
  return (
    <dl className={classes.root}>
      {changes.map((change) => (
        <div key={change.path.join('.')} className={classes.change}>
          <dt>{fieldOf(change.path)}</dt>
          <dd>
            <ChangeValue change={change} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
