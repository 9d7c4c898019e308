/** Errors in plain words: what happened, what it means, what to do. */

export interface DescribedError {
  title: string;
  meaning: string;
  requestId: string | null;
  isOffline: boolean;
}

interface ErrorLike {
  code?: unknown;
  status?: unknown;
  requestId?: unknown;
}

type Words = Record<
  | 'offline'
  | 'unread'
  | 'not_found'
  | 'forbidden'
  | 'rate_limited'
  | 'conflict'
  | 'conversation_moved'
  | 'too_many_watchers'
  | 'merged'
  | 'not_merged'
  | 'too_many_links'
  | 'unauthorized'
  | 'server'
  | 'other',
  [title: string, meaning: string]
>;

const en: Words = {
  offline: [
    'The server can’t be reached',
    'Check your connection, then try again. Nothing that you wrote is lost.',
  ],
  unread: [
    'The server can’t be reached',
    'What you see may be old. Drafts are kept, and this loads again when the connection is back.',
  ],
  not_found: ['This isn’t here', 'It was removed, or you have no access to it.'],
  forbidden: ['You have no access to this', 'Your role doesn’t include it. An admin can change that.'],
  rate_limited: ['Too many requests', 'Wait a moment, then try again.'],
  conflict: ['Someone else changed this', 'Load the present state, then make your change again.'],
  conversation_moved: ['Someone has written meanwhile', 'Read it first, then send what still holds.'],
  too_many_watchers: ['Fifty watch this ticket already', 'Somebody has to stop watching it first.'],
  merged: ['This ticket was merged into another one', 'Go on there, or undo the merge first.'],
  not_merged: ['This ticket is not merged', 'Somebody has undone it already.'],
  too_many_links: ['One of the two is linked with fifty tickets already', 'Take a link away first.'],
  unauthorized: ['Your session has ended', 'Sign in again to go on.'],
  server: ['The server had a problem', 'Nothing you did wrong. It was recorded; try again in a moment.'],
  other: ['This didn’t work', 'Try again. If it keeps happening, tell your admin what you did.'],
};

const de: Words = {
  offline: [
    'Der Server ist nicht erreichbar',
    'Prüfen Sie die Verbindung und versuchen Sie es noch einmal. Was Sie geschrieben haben, bleibt erhalten.',
  ],
  unread: [
    'Der Server ist nicht erreichbar',
    'Was Sie sehen, kann veraltet sein. Entwürfe bleiben erhalten; sobald die Verbindung steht, wird neu geladen.',
  ],
  not_found: ['Hier ist nichts', 'Es wurde entfernt, oder Sie haben keinen Zugriff darauf.'],
  forbidden: ['Sie haben darauf keinen Zugriff', 'Ihre Rolle umfasst das nicht. Ein Admin kann das ändern.'],
  rate_limited: ['Zu viele Anfragen', 'Warten Sie einen Moment und versuchen Sie es dann noch einmal.'],
  conflict: [
    'Jemand anderes hat das geändert',
    'Laden Sie den jetzigen Stand und machen Sie Ihre Änderung noch einmal.',
  ],
  conversation_moved: [
    'Inzwischen hat jemand geschrieben',
    'Lesen Sie das zuerst und senden Sie dann, was noch gilt.',
  ],
  too_many_watchers: ['Fünfzig beobachten dieses Ticket schon', 'Erst muss jemand damit aufhören.'],
  merged: [
    'Dieses Ticket wurde mit einem anderen zusammengeführt',
    'Machen Sie dort weiter, oder heben Sie die Zusammenführung zuerst auf.',
  ],
  not_merged: ['Dieses Ticket ist nicht zusammengeführt', 'Jemand hat das schon aufgehoben.'],
  too_many_links: [
    'Eines der beiden ist schon mit fünfzig Tickets verknüpft',
    'Heben Sie zuerst eine Verknüpfung auf.',
  ],
  unauthorized: ['Ihre Sitzung ist beendet', 'Melden Sie sich wieder an, um weiterzumachen.'],
  server: [
    'Der Server hatte ein Problem',
    'Das lag nicht an Ihnen. Es wurde festgehalten; versuchen Sie es gleich noch einmal.',
  ],
  other: [
    'Das hat nicht geklappt',
    'Versuchen Sie es noch einmal. Bleibt es dabei, sagen Sie Ihrem Admin, was Sie getan haben.',
  ],
};

/** Kinds that no code of the server may name. */
const OWN = new Set(['unread', 'server', 'other']);

function kindOf({ code, status }: ErrorLike): keyof Words {
  if (typeof code === 'string' && !OWN.has(code) && Object.hasOwn(en, code)) {
    return code as keyof Words;
  }
  if (status === 401) return 'unauthorized';
  if (typeof status === 'number' && status >= 500) return 'server';
  return 'other';
}

function describer(words: Words) {
  return (error: unknown, { isReading = false } = {}): DescribedError => {
    const like: ErrorLike = typeof error === 'object' && error !== null ? error : {};
    const kind = kindOf(like);
    const [title, meaning] = words[isReading && kind === 'offline' ? 'unread' : kind];
    return {
      title,
      meaning,
      requestId: typeof like.requestId === 'string' ? like.requestId : null,
      isOffline: kind === 'offline',
    };
  };
}

/** By language, for `useMessages`. `isReading`: nothing was to be changed, only shown. */
export const describeError = { en: describer(en), de: describer(de) };
