/** The language before somebody is known: the last one used here, else the browser's. */
import type { Locale } from '@flowbit/ui';

const KEY = 'flowbit-locale';

export function guessLocale(): Locale {
  try {
    const last = localStorage.getItem(KEY);
    if (last === 'en' || last === 'de') return last;
  } catch {
    // Without storage the browser's language decides.
  }
  return navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en';
}

export function rememberLocale(locale: Locale): void {
  document.documentElement.lang = locale;
  try {
    localStorage.setItem(KEY, locale);
  } catch {
    // Asked anew next time.
  }
}
