/** What is being written at a ticket: a reply and a note, each with a text of its own. */

export type ComposerKind = 'reply' | 'note';

/** Apart, so that what was written for the team can't go out by a change of the tab. */
export interface ComposerDraft {
  kind: ComposerKind;
  reply: string;
  note: string;
  /** The ids of those who were picked from the list of people, since names may be two people's. */
  picked: readonly string[];
}

export const EMPTY_DRAFT: ComposerDraft = { kind: 'reply', reply: '', note: '', picked: [] };

function isKind(value: unknown): value is ComposerKind {
  return value === 'reply' || value === 'note';
}

/** From what this device kept, which may be anything. */
export function readComposerDraft(kept: unknown): ComposerDraft {
  if (typeof kept !== 'object' || kept === null) return EMPTY_DRAFT;
  const { kind, reply, note, picked } = kept as Partial<ComposerDraft>;
  return {
    kind: isKind(kind) ? kind : 'reply',
    reply: typeof reply === 'string' ? reply : '',
    note: typeof note === 'string' ? note : '',
    picked: Array.isArray(picked) ? picked.filter((id) => typeof id === 'string') : [],
  };
}

export function hasDraft({ reply, note }: Pick<ComposerDraft, 'reply' | 'note'>): boolean {
  return reply.trim() !== '' || note.trim() !== '';
}

/** Puts a text back before what was written since, with those whom it named. */
export function putBack(
  draft: ComposerDraft,
  kind: ComposerKind,
  body: string,
  named: readonly string[],
): ComposerDraft {
  const rest = draft[kind].trim() === '' ? '' : `\n\n${draft[kind]}`;
  return { ...draft, kind, [kind]: body + rest, picked: [...draft.picked, ...named] };
}
