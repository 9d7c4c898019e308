/** All that is recorded of one event: its changes, the rest of its data, and its place in the chain. */
import type { AuditItem, Json } from '@flowbit/api';
import { Button, defineMessages, useFormats, useMessages } from '@flowbit/ui';
import { CopyText } from '../parts/copy-text';
import { Fact, Facts } from '../parts/facts';
import type { AuditFilter } from './audit-filter';
import { ChangeDiff } from './change-diff';
import { changesOf, restOf } from './event-changes';
import classes from './event-detail.module.css';
import { ticketNumberOf } from './event-words';

const words = defineMessages({
  en: {
    changes: 'What changed',
    data: 'What was recorded',
    place: 'Place in the chain',
    seq: 'Number',
    at: 'When',
    action: 'Action',
    actor: 'Who',
    ip: 'Address',
    request: 'Request',
    event: 'Event',
    dataHash: 'Hash of its data',
    prevHash: 'Hash before',
    hash: 'Its hash',
    erased: 'Nothing but what its line says.',
    onlyPerson: (name: string) => `Only what ${name} did`,
    onlyTicket: (number: string) => `Only ticket ${number}`,
    thisTicket: 'Only this ticket',
    onlyAction: 'Only this action',
    user: 'person',
    apiToken: 'API token',
    workflow: 'workflow',
    system: 'system',
  },
  de: {
    changes: 'Was sich änderte',
    data: 'Was festgehalten ist',
    place: 'Platz in der Kette',
    seq: 'Nummer',
    at: 'Wann',
    action: 'Aktion',
    actor: 'Wer',
    ip: 'Adresse',
    request: 'Anfrage',
    event: 'Ereignis',
    dataHash: 'Hash der Daten',
    prevHash: 'Hash davor',
    hash: 'Eigener Hash',
    erased: 'Nichts weiter als das, was die Zeile sagt.',
    onlyPerson: (name: string) => `Nur, was ${name} tat`,
    onlyTicket: (number: string) => `Nur Ticket ${number}`,
    thisTicket: 'Nur dieses Ticket',
    onlyAction: 'Nur diese Aktion',
    user: 'Person',
    apiToken: 'API-Token',
    workflow: 'Workflow',
    system: 'System',
  },
});

function show(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export interface EventDetailProps {
  event: AuditItem;
  onNarrow(filter: AuditFilter): void;
}

export function EventDetail({ event, onNarrow }: EventDetailProps) {
  const text = useMessages(words);
  const formats = useFormats();
  const changes = changesOf(event.data);
  const rest = restOf(event.data);
  const number = ticketNumberOf(event);
  const { userId, ticketId, actor } = event;
  return (
    <div className={classes.root}>
      <div className={classes.columns}>
        <div className={classes.column}>
          {changes.length > 0 && (
            <section>
              <h3 className={classes.heading}>{text.changes}</h3>
              <ChangeDiff changes={changes} />
            </section>
          )}
          {(rest.length > 0 || changes.length === 0) && (
            <section>
              <h3 className={classes.heading}>{text.data}</h3>
              {rest.length === 0 ? (
                <p className={classes.muted}>{text.erased}</p>
              ) : (
                <Facts>
                  {rest.map(([key, value]) => (
                    <Fact key={key} label={key}>
                      {show(value)}
                    </Fact>
                  ))}
                </Facts>
              )}
            </section>
          )}
        </div>
        <section className={classes.column}>
          <h3 className={classes.heading}>{text.place}</h3>
          <Facts>
            <Fact label={text.seq}>{formats.number(event.seq)}</Fact>
            <Fact label={text.at}>{formats.exact(new Date(event.timestamp))}</Fact>
            <Fact label={text.action}>
              <code>{event.action}</code>
            </Fact>
            <Fact label={text.actor}>
              {actor.name} ({text[actor.kind]})
            </Fact>
            <Fact label={text.ip}>{event.ip}</Fact>
            <Fact label={text.request}>
              {event.requestId && <CopyText value={event.requestId} label={text.request} />}
            </Fact>
            <Fact label={text.event}>
              <CopyText value={event.id} label={text.event} />
            </Fact>
            <Fact label={text.dataHash}>
              <CopyText value={event.dataHash} label={text.dataHash} ends={10} />
            </Fact>
            <Fact label={text.prevHash}>
              <CopyText value={event.prevHash} label={text.prevHash} ends={10} />
            </Fact>
            <Fact label={text.hash}>
              <CopyText value={event.hash} label={text.hash} ends={10} />
            </Fact>
          </Facts>
        </section>
      </div>
      <div className={classes.buttons}>
        {userId !== null && (
          <Button size="compact-sm" variant="default" onClick={() => onNarrow({ userId })}>
            {text.onlyPerson(actor.name)}
          </Button>
        )}
        {ticketId !== null && (
          <Button size="compact-sm" variant="default" onClick={() => onNarrow({ ticketId })}>
            {number === null ? text.thisTicket : text.onlyTicket(`#${number}`)}
          </Button>
        )}
        <Button size="compact-sm" variant="default" onClick={() => onNarrow({ action: event.action })}>
          {text.onlyAction}
        </Button>
      </div>
    </div>
  );
}
