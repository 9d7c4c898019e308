/** What a row says of where the words of a search stand, beside its title, in which they are marked. */
import { type ApiClient, type Match, unwrap } from '@flowbit/api';
import type { Excerpt, Locale } from '@flowbit/contract';
import { defineMessages } from '@flowbit/ui';
import { createMatchLoader, type MatchLoader } from './match-loader';

const words = defineMessages({
  en: {
    description: 'Description',
    message: 'Message',
    note: 'Internal note',
    attachment: 'File',
    requester: 'Requester',
  },
  de: {
    description: 'Beschreibung',
    message: 'Nachricht',
    note: 'Interne Notiz',
    attachment: 'Datei',
    requester: 'Anfragende Person',
  },
});

/** Null when the title says it already, or nothing does. */
export function excerptOf(match: Match | null, locale: Locale): Excerpt | null {
  if (match === null || match.where === 'title') return null;
  const { where, text, ranges } = match;
  return { place: words[locale][where], isInternal: where === 'note', text, ranges };
}

/** The same with fewer characters before the words, from the beginning of a word on. */
export function beginNear(excerpt: Excerpt, lead: number): Excerpt {
  const { text, ranges } = excerpt;
  const first = ranges[0]?.[0] ?? 0;
  if (first <= lead) return excerpt;
  const space = text.indexOf(' ', first - lead);
  const start = space >= 0 && space < first ? space + 1 : first;
  // An ellipsis is one.
  const shift = start - 1;
  return {
    ...excerpt,
    text: `…${text.slice(start)}`,
    ranges: ranges.map((range) => range.map((at) => at - shift)),
  };
}

const loaders = new WeakMap<ApiClient, MatchLoader>();

function loaderOf(client: ApiClient): MatchLoader {
  let loader = loaders.get(client);
  if (!loader) {
    loader = createMatchLoader(async (q, ids, signal) => {
      const query = { q, ids: ids.join(',') };
      return (await unwrap(client.GET('/api/tickets/matches', { params: { query }, signal }))).items;
    });
    loaders.set(client, loader);
  }
  return loader;
}

/** Where the words stand in a ticket; many at one moment are asked for at once. */
export function loadMatch(client: ApiClient, q: string, id: string, signal: AbortSignal) {
  return loaderOf(client).load(q, id, signal);
}
