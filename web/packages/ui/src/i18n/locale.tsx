/**
 * Languages: English and German, each written by hand.
 *
 * A module keeps its own words beside its code, `const words = defineMessages({en: …, de: …})`, and
 * reads them with `useMessages(words)`. German must have every key that English has; the compiler
 * sees to it. Words that depend on a value are functions.
 */
import { createContext, type ReactNode, useContext } from 'react';

export type Locale = 'en' | 'de';

type Message = string | ((...values: never[]) => string);
type Same<T> = {
  [Key in keyof T]: T[Key] extends (...values: infer V) => string ? (...values: V) => string : string;
};

export interface Messages<T> {
  en: T;
  de: Same<T>;
}

const LocaleContext = createContext<Locale>('en');

export function LocaleProvider({ locale, children }: { locale: Locale; children: ReactNode }) {
  return <LocaleContext value={locale}>{children}</LocaleContext>;
}

export function useLocale(): Locale {
  return useContext(LocaleContext);
}

export function defineMessages<T extends Record<string, Message>>(messages: {
  en: T;
  de: NoInfer<Same<T>>;
}): Messages<T> {
  return messages as Messages<T>;
}

/** The words of one module in the person's language. */
export function useMessages<T>(messages: Messages<T>): T {
  return messages[useLocale()] as T;
}

/** `plural('de', 2, {one: '1 Ticket', other: '2 Tickets'})`. */
export function plural(locale: Locale, count: number, forms: { one: string; other: string }): string {
  return new Intl.PluralRules(locale).select(count) === 'one' ? forms.one : forms.other;
}
