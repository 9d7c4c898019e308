/** What kinds of fields are called, and when one is needed. */
import { defineMessages } from '@flowbit/ui';

export const fieldWords = defineMessages({
  en: {
    text: 'Text',
    number: 'Number',
    choice: 'Choice',
    choices: 'Several choices',
    date: 'Date',
    boolean: 'Yes or no',
    url: 'Link',
    never: 'Never',
    create: 'For a new ticket',
    solve: 'To resolve a ticket',
  },
  de: {
    text: 'Text',
    number: 'Zahl',
    choice: 'Auswahl',
    choices: 'Mehrfachauswahl',
    date: 'Datum',
    boolean: 'Ja oder nein',
    url: 'Link',
    never: 'Nie',
    create: 'Für ein neues Ticket',
    solve: 'Um ein Ticket zu lösen',
  },
});
