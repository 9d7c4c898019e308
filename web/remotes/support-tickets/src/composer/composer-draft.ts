/** What is being written at a ticket: a reply and a note, each with a text of its own. */
import type { DraftKind } from '@flowbit/api';
import { isSame, join, type Written } from '../editor/written';

export type ComposerKind = DraftKind;
export const KINDS = ['reply', 'note'] as const satisfies readonly ComposerKind[];

/** Apart, so that what was written for the team can't go out by a change of the tab. */
export interface ComposerDraft {
  kind: ComposerKind;
  /** Their plain texts. */
  reply: string;
  note: string;
  /** The text of each as HTML, where it is formatted. */
  html: Readonly<Record<ComposerKind, string | null>>;
  /** The ids of those who were picked from the list of people, since names may be two people's. */
  picked: readonly string[];
  /** When each was last typed at, in milliseconds since 1970. */
  changedAt: Readonly<Record<ComposerKind, number>>;
}

export const EMPTY_DRAFT: ComposerDraft = {
  kind: 'reply',
  reply: '',
  note: '',
  html: { reply: null, note: null },
  picked: [],
  changedAt: { reply: 0, note: 0 },
};

function isKind(value: unknown): value is ComposerKind {
  return value === 'reply' || value === 'note';
}

/** From what this device kept, which may be anything. */
export function readComposerDraft(kept: unknown): ComposerDraft {
  if (typeof kept !== 'object' || kept === null) return EMPTY_DRAFT;
  const { kind, reply, note, html, picked, changedAt } = kept as Partial<ComposerDraft>;
  const timeOf = (one: ComposerKind) => (typeof changedAt?.[one] === 'number' ? changedAt[one] : 0);
  const htmlOf = (one: ComposerKind) => (typeof html?.[one] === 'string' ? html[one] : null);
  return {
    kind: isKind(kind) ? kind : 'reply',
    reply: typeof reply === 'string' ? reply : '',
    note: typeof note === 'string' ? note : '',
    html: { reply: htmlOf('reply'), note: htmlOf('note') },
    picked: Array.isArray(picked) ? picked.filter((id) => typeof id === 'string') : [],
    changedAt: { reply: timeOf('reply'), note: timeOf('note') },
  };
}

export function writtenIn(draft: Pick<ComposerDraft, 'html' | ComposerKind>, kind: ComposerKind): Written {
  return { body: draft[kind], html: draft.html[kind] };
}

export function withWritten(
  draft: ComposerDraft,
  kind: ComposerKind,
  { body, html }: Written,
): ComposerDraft {
  return { ...draft, [kind]: body, html: { ...draft.html, [kind]: html } };
}

export function hasDraft({ reply, note }: Pick<ComposerDraft, 'reply' | 'note'>): boolean {
  return reply.trim() !== '' || note.trim() !== '';
}

/** Which texts are others than before. */
export function changedKinds(before: ComposerDraft, after: ComposerDraft): ComposerKind[] {
  return KINDS.filter((kind) => !isSame(writtenIn(before, kind), writtenIn(after, kind)));
}

/** Remembers when the texts that are others than before were typed. */
export function dated(before: ComposerDraft, after: ComposerDraft, now: number): ComposerDraft {
  const changedAt = { ...before.changedAt };
  for (const kind of changedKinds(before, after)) changedAt[kind] = now;
  return { ...after, changedAt };
}

/** Puts a text back before what was written since, with those whom it named. */
export function putBack(
  draft: ComposerDraft,
  kind: ComposerKind,
  written: Written,
  named: readonly string[],
): ComposerDraft {
  const all = join(written, writtenIn(draft, kind));
  return { ...withWritten(draft, kind, all), kind, picked: [...draft.picked, ...named] };
}
