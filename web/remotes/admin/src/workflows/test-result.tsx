/** A test delivery, followed live: sent, waiting, answered or not. */
import { queryKeys } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  defineMessages,
  type IconName,
  RelativeTime,
  useFormats,
  useMessages,
} from '@flowbit/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { hintFor, hintWords } from './delivery/attempt-hint';
import { useDelivery } from './delivery/delivery-queries';
import classes from './test-result.module.css';

const words = defineMessages({
  en: {
    queued: 'Test is on its way',
    sending: 'Test sent, waiting for the answer',
    answered: (status: string, time: string) => `It works: answered ${status} in ${time}`,
    refused: (status: string) => `Answered ${status}`,
    unanswered: 'No answer',
    next: 'Next try',
    missing: 'The result can’t be read',
    details: 'Show the delivery',
    dismiss: 'Dismiss',
  },
  de: {
    queued: 'Der Test ist unterwegs',
    sending: 'Test gesendet, wartet auf Antwort',
    answered: (status: string, time: string) => `Es geht: Antwort ${status} in ${time}`,
    refused: (status: string) => `Antwort ${status}`,
    unanswered: 'Keine Antwort',
    next: 'Nächster Versuch',
    missing: 'Das Ergebnis lässt sich nicht lesen',
    details: 'Zustellung zeigen',
    dismiss: 'Schließen',
  },
});

interface Outcome {
  tone: 'info' | 'success' | 'danger';
  icon: IconName;
  title: string;
  hint?: string | undefined;
}

function useOutcome(deliveryId: string): { outcome: Outcome; nextAttemptAt: string | null } {
  const text = useMessages(words);
  const hints = useMessages(hintWords);
  const formats = useFormats();
  const { data, isError } = useDelivery(deliveryId);
  const nextAttemptAt = data?.state === 'pending' && data.attemptCount > 0 ? data.nextAttemptAt : null;
  if (isError) {
    return { outcome: { tone: 'danger', icon: 'alert-circle', title: text.missing }, nextAttemptAt };
  }
  const last = data?.attempts.at(-1);
  if (data === undefined || last === undefined || data.state === 'sending') {
    const title = data?.state === 'sending' ? text.sending : text.queued;
    return { outcome: { tone: 'info', icon: 'send', title }, nextAttemptAt };
  }
  if (data.state === 'delivered') {
    const title = text.answered(String(last.status), formats.duration(last.durationMs ?? 0));
    return { outcome: { tone: 'success', icon: 'circle-check', title }, nextAttemptAt };
  }
  const hint = hintFor(last.status, last.error);
  const title = last.status === null ? (last.error ?? text.unanswered) : text.refused(String(last.status));
  return {
    outcome: { tone: 'danger', icon: 'circle-x', title, hint: hint === null ? undefined : hints[hint] },
    nextAttemptAt,
  };
}

export function TestResult({ deliveryId, onDismiss }: { deliveryId: string; onDismiss(): void }) {
  const text = useMessages(words);
  const { href } = useScreen();
  const queryClient = useQueryClient();
  const { outcome, nextAttemptAt } = useOutcome(deliveryId);
  // With an answer the endpoint's state and its list of deliveries are other than before.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new outcome, and nothing else
  useEffect(() => {
    if (outcome.tone === 'info') return;
    void queryClient.invalidateQueries({ queryKey: queryKeys.admin.endpoints });
    void queryClient.invalidateQueries({ queryKey: [...queryKeys.admin.deliveries, 'list'] });
  }, [outcome.tone, outcome.title, nextAttemptAt, queryClient]);
  return (
    <div className={classes.root} data-tone={outcome.tone} role="status">
      <AppIcon name={outcome.icon} className={classes.icon} />
      <div className={classes.words}>
        <strong>{outcome.title}</strong>
        {outcome.hint && <div>{outcome.hint}</div>}
        {nextAttemptAt && (
          <div className={classes.muted}>
            {text.next}: <RelativeTime at={nextAttemptAt} style="long" />
          </div>
        )}
      </div>
      <a className={classes.link} href={href(`/deliveries/${deliveryId}`)}>
        {text.details}
      </a>
      <ActionIcon size={24} onClick={onDismiss} aria-label={text.dismiss}>
        <AppIcon name="x" size={14} />
      </ActionIcon>
    </div>
  );
}
