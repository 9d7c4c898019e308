/** Why a workflow did not take a ticket, from what the server recorded, in the reader's words. Pure. */
import { defineMessages, type Locale } from '@flowbit/ui';

const words = defineMessages({
  en: {
    status: (status: string) => `It answered with status ${status}.`,
    forbidden: 'Its address is in a network that may not be reached.',
    deleted: 'Its endpoint was deleted.',
    certificate: 'The connection to it could not be secured.',
    name: 'The name of its host could not be found.',
    noConnection: 'Nothing answers at its address.',
    timeout: 'It gave no answer.',
  },
  de: {
    status: (status: string) => `Er hat mit Status ${status} geantwortet.`,
    forbidden: 'Seine Adresse liegt in einem Netz, das nicht erreicht werden darf.',
    deleted: 'Sein Endpunkt wurde gelöscht.',
    certificate: 'Die Verbindung zu ihm ließ sich nicht sichern.',
    name: 'Der Name seines Rechners wurde nicht gefunden.',
    noConnection: 'Unter seiner Adresse antwortet nichts.',
    timeout: 'Er hat keine Antwort gegeben.',
  },
});

type Reason = Exclude<keyof (typeof words)['en'], 'status'>;

/** The first that fits; certificates are named together with a failed connection. */
const REASONS: [RegExp, Reason][] = [
  [/network that deliveries may not reach/i, 'forbidden'],
  [/endpoint was deleted/i, 'deleted'],
  [/certificate|tls|ssl/i, 'certificate'],
  [/dns|resolve|lookup|name or service/i, 'name'],
  [/no connection|refused|unreachable|reset/i, 'noConnection'],
  [/no answer|timed? ?out/i, 'timeout'],
];

/** What has no words of its own is shown as it was recorded. */
export function describeFailure(error: string, locale: Locale): string {
  const status = /status (\d{3})/.exec(error)?.[1];
  if (status !== undefined) return words[locale].status(status);
  const reason = REASONS.find(([pattern]) => pattern.test(error))?.[1];
  return reason === undefined ? error : words[locale][reason];
}
