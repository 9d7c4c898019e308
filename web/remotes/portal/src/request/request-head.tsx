/** Title and state of a request, who takes care of it, and what the company's own fields say. */
import type { Field, Json, Ticket } from '@flowbit/api';
import { defineMessages, RelativeTime, StateBadge, stateWords, useFormats, useMessages } from '@flowbit/ui';
import type { Ref } from 'react';
import { useFields } from '../model/queries';
import { STATUS_LOOK, statusWords } from '../model/status';
import classes from './request-head.module.css';

const words = defineMessages({
  en: {
    raised: 'Raised',
    assignee: (name: string) => `${name} takes care of it`,
    priority: (name: string) => `Priority: ${name}`,
    details: 'Details',
    yes: 'Yes',
    no: 'No',
  },
  de: {
    raised: 'Gestellt',
    assignee: (name: string) => `${name} kümmert sich darum`,
    priority: (name: string) => `Priorität: ${name}`,
    details: 'Einzelheiten',
    yes: 'Ja',
    no: 'Nein',
  },
});

function useShownValues(ticket: Ticket): { field: Field; shown: string }[] {
  const text = useMessages(words);
  const formats = useFormats();
  const { fields } = useFields();
  function say(kind: Field['kind'], value: Json): string {
    if (typeof value === 'boolean') return value ? text.yes : text.no;
    if (typeof value === 'number') return formats.number(value);
    if (Array.isArray(value)) return value.join(', ');
    if (kind === 'date' && typeof value === 'string') return formats.date(new Date(`${value}T12:00:00`));
    return typeof value === 'string' ? value : JSON.stringify(value);
  }
  return fields.flatMap((field) => {
    const value = Object.hasOwn(ticket.customFields, field.key) ? ticket.customFields[field.key] : null;
    return value === null || value === undefined ? [] : [{ field, shown: say(field.kind, value) }];
  });
}

export interface RequestHeadProps {
  ticket: Ticket;
  headingRef: Ref<HTMLHeadingElement>;
}

export function RequestHead({ ticket, headingRef }: RequestHeadProps) {
  const text = useMessages(words);
  const states = useMessages(statusWords);
  const levels = useMessages(stateWords);
  const values = useShownValues(ticket);
  const { number, title, status, priority, assignee, createdAt } = ticket;
  return (
    <header className={classes.root}>
      <h1 ref={headingRef} tabIndex={-1} className={classes.title}>
        {title}
      </h1>
      <div className={classes.facts}>
        <StateBadge {...STATUS_LOOK[status]} label={states[status]} />
        <span>#{number}</span>
        <span>
          {text.raised} <RelativeTime at={createdAt} />
        </span>
        {priority !== 'normal' && <span>{text.priority(levels[priority])}</span>}
        {assignee && <span>{text.assignee(assignee.name)}</span>}
      </div>
      {values.length > 0 && (
        <details className={classes.details}>
          <summary>{text.details}</summary>
          <dl className={classes.values}>
            {values.map(({ field, shown }) => (
              <div key={field.id} className={classes.value}>
                <dt>{field.label}</dt>
                <dd>{shown}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </header>
  );
}
