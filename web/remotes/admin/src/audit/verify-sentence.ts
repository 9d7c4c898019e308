/** What the result of verifying proves, in sentences that a lawyer and a layman can read. Pure. */
import type { AuditVerification } from '@flowbit/api';
import type { Locale } from '@flowbit/ui';

export interface VerifySentence {
  isWhole: boolean;
  title: string;
  meaning: string;
}

export interface SentenceInput {
  verification: AuditVerification;
  locale: Locale;
  number(value: number): string;
}

interface Words {
  empty: string;
  emptyMeaning: string;
  one: string;
  all(size: string): string;
  wholeMeaning: string;
  broken(seq: string): string;
  fromStart: string;
  upTo(seq: string): string;
  brokenMeaning(seq: string, size: string): string;
}

const words: Record<Locale, Words> = {
  en: {
    empty: 'There are no events yet.',
    emptyMeaning: 'The chain begins with the first one.',
    one: 'The one event is whole.',
    all: (size) => `All ${size} events are in unbroken order, from the first to the newest.`,
    wholeMeaning:
      'Each carries the hash of the one before it, and all were computed anew just now: none was changed, put in or taken out between the first and the newest.',
    broken: (seq) => `The chain is broken at event ${seq}.`,
    fromStart: 'Not even the first event can be relied on.',
    upTo: (seq) => `Events 1 to ${seq} are whole.`,
    brokenMeaning: (seq, size) =>
      `From event ${seq} of ${size} on, something was changed, is missing or was put in afterwards. Export what is there, compare it with an earlier export or checkpoint, and tell the operator.`,
  },
  de: {
    empty: 'Es gibt noch keine Ereignisse.',
    emptyMeaning: 'Die Kette beginnt mit dem ersten.',
    one: 'Das eine Ereignis ist unversehrt.',
    all: (size) => `Alle ${size} Ereignisse stehen in lückenloser Reihe, vom ersten bis zum neuesten.`,
    wholeMeaning:
      'Jedes trägt den Hash des vorigen, und alle wurden eben neu berechnet: Zwischen dem ersten und dem neuesten wurde keines geändert, eingefügt oder entfernt.',
    broken: (seq) => `Die Kette ist bei Ereignis ${seq} gebrochen.`,
    fromStart: 'Schon auf das erste Ereignis ist kein Verlass.',
    upTo: (seq) => `Die Ereignisse 1 bis ${seq} sind unversehrt.`,
    brokenMeaning: (seq, size) =>
      `Ab Ereignis ${seq} von ${size} wurde etwas geändert, fehlt oder wurde nachträglich eingefügt. Exportieren Sie, was da ist, vergleichen Sie es mit einem früheren Export oder Prüfpunkt und verständigen Sie den Betreiber.`,
  },
};

export function describeVerification({ verification, locale, number }: SentenceInput): VerifySentence {
  const text = words[locale];
  const { ok, size, firstBad } = verification;
  if (ok) {
    if (size === 0) return { isWhole: true, title: text.empty, meaning: text.emptyMeaning };
    const title = size === 1 ? text.one : text.all(number(size));
    return { isWhole: true, title, meaning: text.wholeMeaning };
  }
  const seq = firstBad ?? size;
  const before = seq <= 1 ? text.fromStart : text.upTo(number(seq - 1));
  return {
    isWhole: false,
    title: text.broken(number(seq)),
    meaning: `${before} ${text.brokenMeaning(number(seq), number(size))}`,
  };
}
