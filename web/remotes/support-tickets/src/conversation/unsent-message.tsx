/** A message that is on its way, or that could not be sent. */
import { isApiError } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { AppIcon, Button, defineMessages, describeError, useMessages } from '@flowbit/ui';
import type { OutgoingMessage } from '../model/outbox';
import { outbox } from '../model/stores';
import { hasCollided, useSendMessage } from '../model/use-send-message';
import { MessageView } from './message';
import classes from './unsent-message.module.css';

const words = defineMessages({
  en: {
    sending: 'Sending…',
    failed: 'Not sent',
    kept: 'It is kept on this device until you send it.',
    retry: 'Send again',
    moved: 'Someone has written meanwhile. Read it above; this waits until you decide.',
    sendAnyway: 'Send anyway',
    edit: 'Edit',
    discard: 'Discard',
  },
  de: {
    sending: 'Wird gesendet …',
    failed: 'Nicht gesendet',
    kept: 'Die Nachricht bleibt auf diesem Gerät, bis Sie sie senden.',
    retry: 'Noch einmal senden',
    moved: 'Inzwischen hat jemand geschrieben. Lesen Sie es oben; dies wartet, bis Sie entscheiden.',
    sendAnyway: 'Trotzdem senden',
    edit: 'Bearbeiten',
    discard: 'Verwerfen',
  },
});

export interface UnsentMessageProps {
  message: OutgoingMessage;
  /** Puts the text back where it was written. */
  onEdit(message: OutgoingMessage): void;
}

/** These buttons go as they are pressed; the focus stays in the conversation. */
function keepFocus(button: HTMLElement) {
  button.closest('section')?.focus({ preventScroll: true });
}

export function UnsentMessage({ message, onEdit }: UnsentMessageProps) {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { user } = useScreen();
  const { retry } = useSendMessage();
  const hasFailed = message.state === 'failed';
  const isHeld = hasCollided(message);
  const { title } = describe(message.error);
  const reason = isApiError(message.error) ? Object.values(message.error.fieldErrors)[0] : undefined;

  return (
    <MessageView
      author={{ kind: 'user', id: user.id, name: user.name }}
      body={message.body}
      html={message.html}
      attachments={message.attachments}
      isInternal={message.internal}
      isRequester={false}
      state={
        <span className={classes.state} data-failed={hasFailed || undefined}>
          <AppIcon name={hasFailed ? 'alert-circle' : 'clock'} size={14} />
          {hasFailed ? text.failed : text.sending}
        </span>
      }
    >
      {hasFailed && (
        <div className={classes.failure} role="alert">
          <p className={classes.reason}>
            {isHeld ? text.moved : `${message.error === null ? '' : `${reason ?? title}. `}${text.kept}`}
          </p>
          <div className={classes.actions}>
            <Button
              size="compact-sm"
              variant="default"
              onClick={(event) => {
                keepFocus(event.currentTarget);
                void retry(message);
              }}
            >
              {isHeld ? text.sendAnyway : text.retry}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              onClick={() => {
                const taken = outbox.take(message.key);
                if (taken) onEdit(taken);
              }}
            >
              {text.edit}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              onClick={(event) => {
                keepFocus(event.currentTarget);
                outbox.take(message.key);
              }}
            >
              {text.discard}
            </Button>
          </div>
        </div>
      )}
    </MessageView>
  );
}
