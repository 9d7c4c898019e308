/** What was done with a ticket and another one, in words that stand behind a name. */
import { defineMessages } from '@flowbit/ui';

export const referenceWords = defineMessages({
  en: {
    splitInto: (number: number) => `split a message off as #${number}`,
    splitFrom: (number: number) => `split this off from #${number}`,
    mergedInto: (number: number) => `merged this into #${number}`,
    mergedFrom: (number: number) => `merged #${number} into this ticket`,
    unmergedInto: (number: number) => `undid the merge into #${number}`,
    unmergedFrom: (number: number) => `undid the merge of #${number}`,
    linked: (number: number) => `linked this with #${number}`,
    unlinked: (number: number) => `took the link with #${number} away`,
  },
  de: {
    splitInto: (number: number) => `hat eine Nachricht als #${number} abgetrennt`,
    splitFrom: (number: number) => `hat dies von #${number} abgetrennt`,
    mergedInto: (number: number) => `hat dies mit #${number} zusammengeführt`,
    mergedFrom: (number: number) => `hat #${number} mit diesem Ticket zusammengeführt`,
    unmergedInto: (number: number) => `hat die Zusammenführung mit #${number} aufgehoben`,
    unmergedFrom: (number: number) => `hat die Zusammenführung von #${number} aufgehoben`,
    linked: (number: number) => `hat dies mit #${number} verknüpft`,
    unlinked: (number: number) => `hat die Verknüpfung mit #${number} aufgehoben`,
  },
});
