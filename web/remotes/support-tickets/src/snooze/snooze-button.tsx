/** The way to put the open ticket aside, in its head. */
import type { Ticket } from '@flowbit/api';
import { ActionIcon, AppIcon, useMessages } from '@flowbit/ui';
import { SnoozeMenu } from './snooze-menu';
import { snoozeWords } from './snooze-words';
import type { TicketSnooze } from './use-snooze';

export function SnoozeButton({ ticket, snoozing }: { ticket: Ticket; snoozing: TicketSnooze }) {
  const text = useMessages(snoozeWords);
  const { isPossible, isOpen, setOpen, snooze, wake } = snoozing;
  if (!isPossible) return null;
  return (
    <SnoozeMenu
      isSnoozed={ticket.snooze !== null}
      position="bottom-end"
      isOpen={isOpen}
      onOpenChange={setOpen}
      onSnooze={snooze}
      onWake={wake}
      target={
        <ActionIcon size={32} aria-label={text.snooze} title={text.snooze} onClick={() => setOpen(!isOpen)}>
          <AppIcon name="snooze" />
        </ActionIcon>
      }
    />
  );
}
