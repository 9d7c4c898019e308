/** Sending what is written, alone or with a status. */
import type { TicketStatus } from '@flowbit/api';
import {
  ActionIcon,
  AppIcon,
  Button,
  defineMessages,
  Menu,
  StatusBadge,
  stateWords,
  useMessages,
} from '@flowbit/ui';
import classes from './composer.module.css';
import type { ComposerKind } from './composer-draft';

const words = defineMessages({
  en: {
    sendReply: 'Send reply',
    addNote: 'Add note',
    applyMacro: 'Apply macro',
    more: 'Send and set the status',
    sendAnd: (status: string) => `Send and set to ${status}`,
  },
  de: {
    sendReply: 'Antwort senden',
    addNote: 'Notiz anlegen',
    applyMacro: 'Makro anwenden',
    more: 'Senden und Status setzen',
    sendAnd: (status: string) => `Senden und auf „${status}“ setzen`,
  },
});

const AFTER_SENDING: readonly TicketStatus[] = ['in_progress', 'waiting', 'resolved'];

export interface SendButtonsProps {
  kind: ComposerKind;
  /** Where the ticket stands. */
  status: TicketStatus;
  canSend: boolean;
  /** A status can be set with it. */
  hasStatus: boolean;
  /** There is no text: a macro is all that is done. */
  isMacroAlone: boolean;
  onSend(status?: TicketStatus): void;
}

export function SendButtons({ kind, status, canSend, hasStatus, isMacroAlone, onSend }: SendButtonsProps) {
  const text = useMessages(words);
  const states = useMessages(stateWords);
  const isSplit = hasStatus && kind === 'reply';
  return (
    <div className={classes.send}>
      <Button
        className={classes.sendMain ?? ''}
        data-split={isSplit || undefined}
        leftSection={<AppIcon name={kind === 'note' ? 'lock' : 'send'} size={14} />}
        disabled={!canSend}
        onClick={() => onSend()}
      >
        {isMacroAlone ? text.applyMacro : kind === 'note' ? text.addNote : text.sendReply}
      </Button>
      {isSplit && (
        <Menu position="top-end" width={260}>
          <Menu.Target>
            <ActionIcon
              size={32}
              variant="filled"
              color="accent"
              className={classes.sendMore ?? ''}
              disabled={!canSend}
              aria-label={text.more}
            >
              <AppIcon name="chevron-down" size={14} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {AFTER_SENDING.filter((one) => one !== status).map((one) => (
              <Menu.Item
                key={one}
                leftSection={<StatusBadge status={one} variant="icon" />}
                onClick={() => onSend(one)}
              >
                {text.sendAnd(states[one])}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
