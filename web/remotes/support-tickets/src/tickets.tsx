/** The support tickets screen: what the shell loads, and what it offers to the palette. */
import { type TicketQuery, unwrap } from '@flowbit/api';
import type { Command, ScreenContext, SearchHit } from '@flowbit/contract';
import { stateWords } from '@flowbit/ui';
import { hasWords, searchedWords } from './list/marked';
import { type FoundFilter, readWords } from './model/filter-words';

export { Desk as default } from './desk/desk';

const CREATE = { en: 'New ticket', de: 'Neues Ticket' };
const CREATE_KEYWORDS = { en: ['create', 'raise', 'request'], de: ['anlegen', 'anfrage', 'erstellen'] };

/** There wherever the person is. */
export function commands({ locale, navigate }: ScreenContext): Command[] {
  return [
    {
      id: 'create',
      label: CREATE[locale],
      icon: 'plus',
      keywords: CREATE_KEYWORDS[locale],
      keys: 'c',
      run: () => navigate('/new'),
    },
  ];
}

const MAX_HITS = 6;

function toQuery(found: FoundFilter): TicketQuery {
  const { status, priority, assignee, requester, tag, workflow, snoozed } = found;
  return {
    ...(status ? { status: status.join(',') } : {}),
    ...(priority ? { priority } : {}),
    ...(assignee ? { assigneeId: assignee } : {}),
    ...(requester ? { requesterId: requester } : {}),
    ...(tag ? { tag } : {}),
    ...(workflow ? { workflow } : {}),
    ...(typeof snoozed === 'boolean' ? { filter: JSON.stringify({ snoozed }) } : {}),
  };
}

/** Tickets that fit the words typed into the palette, filters among them: `tag:refund pallet`. */
export async function search(
  { client, locale, can }: ScreenContext,
  typed: string,
  signal: AbortSignal,
): Promise<SearchHit[]> {
  const isStaff = can('agent', 'admin');
  const assignees =
    isStaff && typed.includes(':') ? (await unwrap(client.GET('/api/assignees', { signal }))).items : [];
  const { found, rest } = readWords(typed, { assignees, requesters: [] }, true);
  const q = rest.trim();
  const query = { ...toQuery(found), ...(q === '' ? {} : { q }), limit: MAX_HITS };
  const { items } = await unwrap(client.GET('/api/tickets', { params: { query }, signal }));
  const sought = searchedWords(q);
  return items.map(({ id, number, title, status }) => ({
    id,
    title,
    detail: `#${number} · ${stateWords[locale][status]}`,
    path: `/${id}`,
    ...(hasWords(title, sought)
      ? {}
      : {
          async findExcerpt(signal) {
            const { excerptOf, loadMatch } = await import('./matches/excerpt');
            return excerptOf(await loadMatch(client, q, id, signal), locale);
          },
        }),
  }));
}
