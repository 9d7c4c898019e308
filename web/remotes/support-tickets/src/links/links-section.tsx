/** Beside the conversation: the tickets that this one has to do with. */
import type { Ticket, TicketLink } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  Button,
  defineMessages,
  KeyHint,
  Skeleton,
  StatusBadge,
  useMessages,
} from '@flowbit/ui';
import { useRef } from 'react';
import { useChangeLink, useIsLinking, useLinks } from '../model/links';
import { ticketPath } from '../model/ticket-path';
import { wantTitleFocus } from '../model/title-focus';
import panel from '../properties/side-panel.module.css';
import { linkWords } from './link-dialog';
import classes from './links-section.module.css';

const words = defineMessages({
  en: {
    links: 'Linked tickets',
    none: 'None yet. Link those that are about the same thing.',
    failed: 'The linked tickets could not be loaded.',
    retry: 'Try again',
    saving: 'Saving…',
  },
  de: {
    links: 'Verknüpfte Tickets',
    none: 'Noch keine. Verknüpfen Sie, was dieselbe Sache betrifft.',
    failed: 'Die verknüpften Tickets konnten nicht geladen werden.',
    retry: 'Noch einmal',
    saving: 'Wird gespeichert …',
  },
});

export interface LinksSectionProps {
  ticket: Ticket;
  /** Opens the dialog that links another one. */
  onLink(): void;
}

export function LinksSection({ ticket, onLink }: LinksSectionProps) {
  const text = useMessages(words);
  const naming = useMessages(linkWords);
  const { href, search } = useScreen();
  const links = useLinks(ticket.id);
  const { mutate: changeLink } = useChangeLink(ticket.id);
  const isLinking = useIsLinking(ticket.id);
  const linkButton = useRef<HTMLButtonElement>(null);
  const items = links.data?.items;
  // What was merged belongs to the other ticket.
  const canChange = ticket.mergedInto === null;

  function renderLink(link: TicketLink) {
    const { id, number, title, status } = link.ticket;
    return (
      <li key={id} className={classes.link}>
        <StatusBadge status={status} variant="icon" />
        <a className={classes.name} href={href(ticketPath(id, search))} onClick={() => wantTitleFocus(id)}>
          <span className={classes.number}>#{number}</span> {title}
        </a>
        {canChange && (
          <ActionIcon
            size={24}
            aria-label={naming.unlink(number)}
            title={naming.unlink(number)}
            onClick={() => {
              // The row goes as the button in it is pressed.
              linkButton.current?.focus({ preventScroll: true });
              changeLink({ link, isLinked: false });
            }}
          >
            <AppIcon name="unlink" size={14} />
          </ActionIcon>
        )}
      </li>
    );
  }

  function renderList() {
    if (links.isPending) return <Skeleton height={10} width="60%" radius={3} my={9} />;
    if (items === undefined) {
      return (
        <p className={panel.muted}>
          {text.failed}{' '}
          <Button size="compact-sm" variant="subtle" onClick={() => void links.refetch()}>
            {text.retry}
          </Button>
        </p>
      );
    }
    if (items.length === 0) return <p className={panel.muted}>{text.none}</p>;
    return <ul className={classes.links}>{items.map(renderLink)}</ul>;
  }

  return (
    <section className={panel.section} aria-label={text.links}>
      <h2 className={panel.heading}>{text.links}</h2>
      {renderList()}
      {canChange && (
        <div className={panel.buttons}>
          <Button
            ref={linkButton}
            size="compact-sm"
            variant="default"
            leftSection={<AppIcon name="link" size={14} />}
            rightSection={<KeyHint keys="L" />}
            disabled={items === undefined}
            onClick={onLink}
          >
            {naming.link}
          </Button>
          <span className={panel.muted} role="status">
            {isLinking && text.saving}
          </span>
        </div>
      )}
    </section>
  );
}
