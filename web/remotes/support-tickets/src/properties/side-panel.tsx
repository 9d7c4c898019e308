/** Beside the conversation: fields, people, times, the workflow and everything that happened. */
import type { LedgerEvent, Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  AppIcon,
  Button,
  defineMessages,
  RelativeTime,
  Skeleton,
  UnstyledButton,
  useMessages,
  WorkflowBadge,
} from '@flowbit/ui';
import { type ReactNode, useState } from 'react';
import { Initials } from '../fields/initials';
import { useReplay } from '../fields/use-replay';
import { fieldWords } from '../fields/words';
import { LinksSection } from '../links/links-section';
import { useFields } from '../model/fields';
import { useHistory } from '../model/queries';
import { momentsOfMessages } from '../model/wake-cause';
import { AttachmentsSection } from './attachments-section';
import { CustomFields, freeValues } from './custom-fields';
import { HistoryLine, isTold } from './history-line';
import classes from './side-panel.module.css';
import { TicketFields, type TicketFieldsProps } from './ticket-fields';
import { WatchersSection } from './watchers-section';

const words = defineMessages({
  en: {
    details: 'Details',
    people: 'People and times',
    created: 'Created',
    updated: 'Updated',
    resolved: 'Resolved',
    otherTickets: (name: string) => `All tickets from ${name}`,
    since: 'since',
    again: 'Run again',
    history: 'History',
    showAll: (count: number) => `Show all ${count}`,
    noHistory: 'Nothing happened yet.',
    historyFailed: 'The history could not be loaded.',
    retry: 'Try again',
    deliveries: 'See what was sent',
  },
  de: {
    details: 'Einzelheiten',
    people: 'Menschen und Zeiten',
    created: 'Angelegt',
    updated: 'Geändert',
    resolved: 'Gelöst',
    otherTickets: (name: string) => `Alle Tickets von ${name}`,
    since: 'seit',
    again: 'Noch einmal ausführen',
    history: 'Protokoll',
    showAll: (count: number) => `Alle ${count} zeigen`,
    noHistory: 'Noch ist nichts geschehen.',
    historyFailed: 'Das Protokoll konnte nicht geladen werden.',
    retry: 'Noch einmal',
    deliveries: 'Ansehen, was gesendet wurde',
  },
});

const SHOWN_EVENTS = 6;

export type SidePanelProps = Omit<TicketFieldsProps, 'layout'> & {
  /** The fields stand elsewhere already. */
  isWithoutFields?: boolean;
  /** Opens the dialog that links another ticket. */
  onLink(): void;
};

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function WorkflowSection({ ticket }: { ticket: Ticket }) {
  const text = useMessages(words);
  const fields = useMessages(fieldWords);
  const { can, findScreen } = useScreen();
  const replay = useReplay(ticket.id);
  const { workflow } = ticket;
  if (!workflow) return null;
  const { deliveryId } = workflow;
  const isTroubled = workflow.state === 'failed' || workflow.state === 'overdue';
  const deliveries = can('admin') ? findScreen('./Workflows') : null;
  return (
    <section className={classes.section} aria-label={fields.workflow}>
      <h2 className={classes.heading}>{fields.workflow}</h2>
      <div className={classes.workflow}>
        <WorkflowBadge state={workflow.state} />
        <span className={classes.muted}>
          <RelativeTime at={workflow.updatedAt} />
        </span>
      </div>
      {can('admin') && deliveryId !== null && (
        <div className={classes.buttons}>
          <Button
            size="compact-sm"
            variant={isTroubled ? 'light' : 'default'}
            leftSection={<AppIcon name="replay" size={14} />}
            loading={replay.isPending}
            onClick={() => replay.mutate(deliveryId)}
          >
            {text.again}
          </Button>
          {deliveries && (
            <a className={classes.link} href={deliveries.basePath}>
              {text.deliveries}
            </a>
          )}
        </div>
      )}
    </section>
  );
}

function HistorySection({ ticketId }: { ticketId: string }) {
  const text = useMessages(words);
  const history = useHistory(ticketId);
  const [showsAll, setShowsAll] = useState(false);
  const told: LedgerEvent[] = (history.data ?? []).filter(isTold).toReversed();
  const shown = showsAll ? told : told.slice(0, SHOWN_EVENTS);
  const moments = momentsOfMessages(history.data ?? []);

  function renderBody() {
    if (history.isPending) {
      return [72, 54, 66].map((width) => (
        <Skeleton key={width} height={10} width={`${width}%`} radius={3} my={9} />
      ));
    }
    if (history.isError && !history.data) {
      return (
        <p className={classes.muted}>
          {text.historyFailed}{' '}
          <Button size="compact-sm" variant="subtle" onClick={() => void history.refetch()}>
            {text.retry}
          </Button>
        </p>
      );
    }
    if (told.length === 0) return <p className={classes.muted}>{text.noHistory}</p>;
    return (
      <>
        <ol className={classes.history}>
          {shown.map((event) => (
            <HistoryLine key={event.id} event={event} moments={moments} />
          ))}
        </ol>
        {told.length > shown.length && (
          <UnstyledButton className={classes.link} onClick={() => setShowsAll(true)}>
            {text.showAll(told.length)}
          </UnstyledButton>
        )}
      </>
    );
  }

  return (
    <section className={classes.section} aria-label={text.history}>
      <h2 className={classes.heading}>{text.history}</h2>
      {renderBody()}
    </section>
  );
}

export function SidePanel({ isWithoutFields = false, onLink, ...props }: SidePanelProps) {
  const { ticket } = props;
  const text = useMessages(words);
  const fields = useMessages(fieldWords);
  const { can, href } = useScreen();
  const free = freeValues(ticket, useFields());
  const isStaff = can('agent', 'admin');
  const { requester } = ticket;
  return (
    <div className={classes.root}>
      {!isWithoutFields && (
        <section className={classes.fields} aria-label={text.details}>
          <TicketFields {...props} layout="rows" />
        </section>
      )}
      <CustomFields ticket={ticket} />
      <section className={classes.section} aria-label={text.people}>
        <dl className={classes.facts}>
          <Fact label={fields.requester}>
            <Initials name={requester.name} />
            {isStaff ? (
              <a
                className={classes.link}
                href={href(`/?view=all&requester=${requester.id}`)}
                title={text.otherTickets(requester.name)}
              >
                {requester.name}
              </a>
            ) : (
              requester.name
            )}
          </Fact>
          <Fact label={text.created}>
            <RelativeTime at={ticket.createdAt} />
          </Fact>
          <Fact label={text.updated}>
            <RelativeTime at={ticket.updatedAt} />
          </Fact>
          {ticket.resolvedAt !== null && (
            <Fact label={text.resolved}>
              <RelativeTime at={ticket.resolvedAt} />
            </Fact>
          )}
          {free.map(([name, value]) => (
            <Fact key={name} label={name}>
              <span className={classes.custom}>
                {typeof value === 'string' ? value : JSON.stringify(value)}
              </span>
            </Fact>
          ))}
        </dl>
      </section>
      <AttachmentsSection ticketId={ticket.id} />
      {isStaff && <LinksSection ticket={ticket} onLink={onLink} />}
      {isStaff && <WatchersSection ticketId={ticket.id} />}
      {isStaff && <WorkflowSection ticket={ticket} />}
      <HistorySection ticketId={ticket.id} />
    </div>
  );
}
