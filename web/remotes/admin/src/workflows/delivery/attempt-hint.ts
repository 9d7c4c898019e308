/** What to look at when an attempt failed: from its status, or from what the server says went wrong. Pure. */
import { defineMessages } from '@flowbit/ui';

export type Hint =
  | 'secret'
  | 'nobodyThere'
  | 'method'
  | 'gone'
  | 'tooLarge'
  | 'redirect'
  | 'slowDown'
  | 'behindProxy'
  | 'itsError'
  | 'refusedBody'
  | 'timeout'
  | 'noConnection'
  | 'name'
  | 'certificate'
  | 'forbidden'
  | 'deleted';

const BY_STATUS: Record<number, Hint> = {
  401: 'secret',
  403: 'secret',
  404: 'nobodyThere',
  405: 'method',
  410: 'gone',
  413: 'tooLarge',
  429: 'slowDown',
  502: 'behindProxy',
  503: 'behindProxy',
  504: 'behindProxy',
};

const BY_ERROR: [RegExp, Hint][] = [
  [/network that deliveries may not reach/i, 'forbidden'],
  [/endpoint was deleted/i, 'deleted'],
  [/certificate|tls|ssl/i, 'certificate'],
  [/dns|resolve|lookup|name or service/i, 'name'],
  [/no connection|refused|unreachable|reset/i, 'noConnection'],
  [/no answer|timed? ?out/i, 'timeout'],
];

/** Null when the attempt succeeded, or when nothing better can be said than what is there. */
export function hintFor(status: number | null, error: string | null): Hint | null {
  if (status === null)
    return BY_ERROR.find(([pattern]) => error !== null && pattern.test(error))?.[1] ?? null;
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) return 'redirect';
  return BY_STATUS[status] ?? (status >= 500 ? 'itsError' : 'refusedBody');
}

export const hintWords = defineMessages({
  en: {
    secret:
      'The other side does not accept the secret. Compare the value of X-Webhook-Secret there with the shared secret; after a rotation the new one belongs there.',
    nobodyThere:
      'Nobody listens at this address. In n8n: is the workflow published, and is this the Production URL, not the Test URL?',
    method: 'The other side takes no POST at this address.',
    gone: 'The other side says that this address is gone for good, so the endpoint was switched off.',
    tooLarge: 'The other side refuses so large a body.',
    redirect:
      'Redirects are not followed, because they would carry the secret along. Enter the final address.',
    slowDown: 'The other side asked for fewer requests. The next try waits as long as it asked.',
    behindProxy: 'Something in front of it answers, but not the workflow itself. Is n8n running?',
    itsError: 'The workflow failed on its own side. Its list of executions shows where.',
    refusedBody: 'The other side refused the delivery. What it answered may say why.',
    timeout:
      'It took longer than 20 seconds. In n8n let the Webhook node respond immediately and call back later.',
    noConnection: 'Nothing answers at this address. Is it running, and reachable from the server?',
    name: 'The host’s name could not be found.',
    certificate:
      'The connection could not be secured: the certificate is missing, expired or for another name.',
    forbidden:
      'The address leads to a private network that deliveries may not reach. The operator can allow it (FLOWBIT_WEBHOOK_ALLOW).',
    deleted: 'The endpoint was deleted, so nothing is sent any more.',
  },
  de: {
    secret:
      'Die Gegenseite nimmt das Geheimnis nicht an. Vergleichen Sie dort den Wert von X-Webhook-Secret mit dem gemeinsamen Geheimnis; nach einer Erneuerung gehört dort das neue hin.',
    nobodyThere:
      'Unter dieser Adresse hört niemand zu. In n8n: Ist der Workflow veröffentlicht, und ist es die Production URL, nicht die Test URL?',
    method: 'Die Gegenseite nimmt unter dieser Adresse kein POST an.',
    gone: 'Die Gegenseite sagt, dass es diese Adresse nicht mehr gibt; deshalb wurde der Endpunkt ausgeschaltet.',
    tooLarge: 'Der Gegenseite ist der Inhalt zu groß.',
    redirect:
      'Weiterleitungen wird nicht gefolgt, weil das Geheimnis mitginge. Tragen Sie die endgültige Adresse ein.',
    slowDown: 'Die Gegenseite bat um weniger Anfragen. Der nächste Versuch wartet so lange wie verlangt.',
    behindProxy: 'Etwas davor antwortet, aber nicht der Workflow selbst. Läuft n8n?',
    itsError: 'Der Workflow ist auf seiner Seite gescheitert. Seine Liste der Ausführungen zeigt, wo.',
    refusedBody: 'Die Gegenseite hat die Zustellung abgelehnt. Ihre Antwort sagt vielleicht, warum.',
    timeout:
      'Es dauerte länger als 20 Sekunden. Lassen Sie in n8n den Webhook-Knoten sofort antworten und rufen Sie später zurück.',
    noConnection: 'Unter dieser Adresse antwortet nichts. Läuft es, und ist es vom Server aus erreichbar?',
    name: 'Der Name des Rechners wurde nicht gefunden.',
    certificate:
      'Die Verbindung ließ sich nicht sichern: Das Zertifikat fehlt, ist abgelaufen oder gilt für einen anderen Namen.',
    forbidden:
      'Die Adresse führt in ein privates Netz, das Zustellungen nicht erreichen dürfen. Der Betreiber kann es erlauben (FLOWBIT_WEBHOOK_ALLOW).',
    deleted: 'Der Endpunkt wurde gelöscht, deshalb wird nichts mehr gesendet.',
  },
});
