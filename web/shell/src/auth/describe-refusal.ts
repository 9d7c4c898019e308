/** Why a sign-in or a new password was refused, in words. */
import { isApiError } from '@flowbit/api';
import { defineMessages } from '@flowbit/ui';

export const refusalWords = defineMessages({
  en: {
    invalid: 'Address or password is wrong. Check both and try again.',
    limited: (seconds: number) => `Too many attempts. Try again in ${seconds} seconds.`,
    limitedSoon: 'Too many attempts. Wait a minute, then try again.',
    offline: 'The server can’t be reached. Check your connection and try again.',
    failed: 'The server had a problem. Try again in a moment.',
    linkInvalid: 'This link is no longer valid. Ask your admin for a new one.',
    currentWrong: 'The current password is wrong.',
    tooShort: 'At least 12 characters.',
    mismatch: 'The two passwords differ.',
  },
  de: {
    invalid: 'Adresse oder Passwort stimmt nicht. Prüfen Sie beides und versuchen Sie es noch einmal.',
    limited: (seconds: number) => `Zu viele Versuche. Versuchen Sie es in ${seconds} Sekunden noch einmal.`,
    limitedSoon: 'Zu viele Versuche. Warten Sie eine Minute und versuchen Sie es dann noch einmal.',
    offline: 'Der Server ist nicht erreichbar. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
    failed: 'Der Server hatte ein Problem. Versuchen Sie es gleich noch einmal.',
    linkInvalid: 'Dieser Link gilt nicht mehr. Bitten Sie Ihren Admin um einen neuen.',
    currentWrong: 'Das bisherige Passwort stimmt nicht.',
    tooShort: 'Mindestens 12 Zeichen.',
    mismatch: 'Die beiden Passwörter unterscheiden sich.',
  },
});

type Words = (typeof refusalWords)['en'];

/** The sentence for a refusal; `denied` is what a 401 means here. */
export function describeRefusal(error: unknown, words: Words, denied: string): string {
  if (!isApiError(error)) return words.failed;
  if (error.status === 401) return denied;
  if (error.status === 429) {
    return error.retryAfter ? words.limited(error.retryAfter) : words.limitedSoon;
  }
  if (error.status === 0) return words.offline;
  if (error.status >= 500) return words.failed;
  return Object.values(error.fieldErrors)[0] ?? error.message;
}
