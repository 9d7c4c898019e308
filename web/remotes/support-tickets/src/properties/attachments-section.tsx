/** All files of the ticket in one place, folded until somebody looks for one. */
import { AttachmentList, fileWords } from '@flowbit/attachments';
import { AppIcon, Button, defineMessages, UnstyledButton, useMessages } from '@flowbit/ui';
import { useId, useState } from 'react';
import { useTicketFiles } from '../model/queries';
import classes from './side-panel.module.css';

const words = defineMessages({
  en: { count: (count: number, orMore: boolean) => `(${count}${orMore ? '+' : ''})`, more: 'Show more' },
  de: { count: (count: number, orMore: boolean) => `(${count}${orMore ? '+' : ''})`, more: 'Mehr zeigen' },
});

/** The conversation has read them; there is no section while there are none. */
export function AttachmentsSection({ ticketId }: { ticketId: string }) {
  const text = useMessages(words);
  const naming = useMessages(fileWords);
  const files = useTicketFiles(ticketId);
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const { data, hasNextPage } = files;
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  if (items.length === 0) return null;

  return (
    <section className={classes.section} aria-label={naming.attachments}>
      <h2 className={classes.heading}>
        <UnstyledButton
          className={classes.fold}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          <AppIcon name={isOpen ? 'chevron-down' : 'chevron-right'} size={14} />
          {naming.attachments} {text.count(items.length, hasNextPage)}
        </UnstyledButton>
      </h2>
      <div id={id} hidden={!isOpen}>
        {isOpen && (
          <>
            <AttachmentList attachments={items} isCompact />
            {hasNextPage && (
              <div className={classes.buttons}>
                <Button
                  size="compact-sm"
                  variant="default"
                  loading={files.isFetchingNextPage}
                  onClick={() => void files.fetchNextPage()}
                >
                  {text.more}
                </Button>
              </div>
            )}
          </>
        )}
      </div>
    </section>
  );
}
