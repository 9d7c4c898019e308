/** One attempt: when, what was answered, how long it took, and what to look at if it failed. */
import type { DeliveryAttempt } from '@flowbit/api';
import {
  AppIcon,
  defineMessages,
  RelativeTime,
  StateBadge,
  UnstyledButton,
  useFormats,
  useId,
  useMessages,
} from '@flowbit/ui';
import { useState } from 'react';
import { CodeBlock } from '../../parts/code-block';
import { hintFor, hintWords } from './attempt-hint';
import classes from './attempt-line.module.css';

const words = defineMessages({
  en: {
    attempt: (number: string) => `Try ${number}`,
    noAnswer: 'No answer',
    answer: 'What was answered',
    emptyAnswer: 'The answer had no body.',
  },
  de: {
    attempt: (number: string) => `Versuch ${number}`,
    noAnswer: 'Keine Antwort',
    answer: 'Was geantwortet wurde',
    emptyAnswer: 'Die Antwort hatte keinen Inhalt.',
  },
});

/** A duration may be unknown, when the server was stopped in the middle of an attempt. */
export type Attempt = Omit<DeliveryAttempt, 'durationMs'> & { durationMs: number | null };

export function AttemptLine({ attempt, isOpenAtFirst }: { attempt: Attempt; isOpenAtFirst: boolean }) {
  const text = useMessages(words);
  const hints = useMessages(hintWords);
  const formats = useFormats();
  const id = useId();
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const isGood = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
  const hint = hintFor(attempt.status, attempt.error);
  return (
    <li className={classes.root}>
      <UnstyledButton
        className={classes.head}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <AppIcon name={isOpen ? 'chevron-down' : 'chevron-right'} size={14} className={classes.chevron} />
        <StateBadge
          tone={isGood ? 'success' : 'danger'}
          icon={isGood ? 'circle-check' : 'circle-x'}
          label={attempt.status === null ? text.noAnswer : String(attempt.status)}
          variant="plain"
        />
        <span className={classes.muted}>{text.attempt(formats.number(attempt.number))}</span>
        <span className={classes.end}>
          {attempt.durationMs !== null && formats.duration(attempt.durationMs)}
        </span>
        <span className={classes.when}>
          <RelativeTime at={attempt.at} />
        </span>
      </UnstyledButton>
      {isOpen && (
        <div id={id} className={classes.body}>
          {attempt.error && <p className={classes.error}>{attempt.error}</p>}
          {hint && <p className={classes.hint}>{hints[hint]}</p>}
          {attempt.responseBody ? (
            <CodeBlock label={text.answer} source={attempt.responseBody} />
          ) : (
            attempt.status !== null && <p className={classes.hint}>{text.emptyAnswer}</p>
          )}
        </div>
      )}
    </li>
  );
}
