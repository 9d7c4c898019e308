/** The company's own fields of a ticket: for the staff to change, for a requester to read. */
import type { Field, Json, Ticket } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, useMessages } from '@flowbit/ui';
import { FieldInput } from '../fields/field-input';
import { hasValue, missingToSolve, valueAt } from '../fields/field-value';
import { useFields } from '../model/fields';
import { useChangeTicket } from '../model/use-change-ticket';
import classes from './custom-fields.module.css';

const words = defineMessages({
  en: {
    fields: 'Fields',
    yes: 'Yes',
    no: 'No',
    missing: (names: string) => `Before this can be resolved: ${names}`,
  },
  de: {
    fields: 'Felder',
    yes: 'Ja',
    no: 'Nein',
    missing: (names: string) => `Bevor dies gelöst werden kann: ${names}`,
  },
});

/** Values under keys that no field has, such as those that came from another program. */
export function freeValues(ticket: Ticket, fields: readonly Field[]): [string, Json][] {
  return Object.entries(ticket.customFields as Record<string, Json>).filter(
    ([key, value]) => hasValue(value) && !fields.some((field) => field.key === key),
  );
}

export function CustomFields({ ticket }: { ticket: Ticket }) {
  const text = useMessages(words);
  const { can, locale } = useScreen();
  const fields = useFields();
  const changeTicket = useChangeTicket();
  const values = ticket.customFields as Record<string, Json>;
  const isStaff = can('agent', 'admin');
  const canChange = isStaff && ticket.mergedInto === null;
  const shown = canChange ? fields : fields.filter(({ key }) => hasValue(valueAt(values, key)));
  if (shown.length === 0) return null;
  const isLive = ticket.resolvedAt === null;
  const missing = canChange && isLive ? missingToSolve(fields, values) : [];

  function read(value: Json | undefined): string {
    if (typeof value === 'boolean') return value ? text.yes : text.no;
    if (Array.isArray(value)) return value.join(', ');
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  return (
    <section className={classes.root} aria-label={text.fields}>
      <h2 className={classes.heading}>{text.fields}</h2>
      {canChange ? (
        <div className={classes.inputs}>
          {shown.map((field) => (
            <FieldInput
              key={field.id}
              field={field}
              value={valueAt(values, field.key)}
              isRequired={field.required !== 'never'}
              onChange={(value) => void changeTicket(ticket, { customFields: { [field.key]: value } })}
            />
          ))}
        </div>
      ) : (
        <dl className={classes.values}>
          {shown.map((field) => (
            <div key={field.id}>
              <dt>{field.label}</dt>
              <dd>{read(valueAt(values, field.key))}</dd>
            </div>
          ))}
        </dl>
      )}
      {missing.length > 0 && (
        <p className={classes.missing}>
          {text.missing(
            new Intl.ListFormat(locale, { type: 'conjunction' }).format(missing.map(({ label }) => label)),
          )}
        </p>
      )}
    </section>
  );
}
