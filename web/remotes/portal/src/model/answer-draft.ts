/** An answer in the making, as this device keeps it. */
export interface AnswerDraft {
  body: string;
  /** The server knows the attempt by it: sent twice, written once. New with each change. */
  key: string;
  /** The ids of the files that the attempt was made with. */
  files: readonly string[];
  /** When it was last typed at, in milliseconds since 1970; 0 for never. */
  changedAt: number;
}

export const ANSWER_MAX = 20_000;

/** Where a device keeps the answer to a request. */
export function draftName(ticketId: string): string {
  return `answer:${ticketId}`;
}

export function emptyAnswer(): AnswerDraft {
  return { body: '', key: crypto.randomUUID(), files: [], changedAt: 0 };
}

/** From what this device kept, which may be anything. */
export function readAnswer(kept: unknown): AnswerDraft {
  const empty = emptyAnswer();
  if (typeof kept !== 'object' || kept === null) return empty;
  const { body, key, files, changedAt } = kept as Partial<AnswerDraft>;
  return {
    body: typeof body === 'string' ? body : empty.body,
    key: typeof key === 'string' ? key : empty.key,
    files: Array.isArray(files) ? files.filter((id) => typeof id === 'string') : empty.files,
    changedAt: typeof changedAt === 'number' ? changedAt : empty.changedAt,
  };
}

export function hasAnswer({ body }: Pick<AnswerDraft, 'body'>): boolean {
  return body.trim() !== '';
}

/** What stands in the box after a change: another attempt. */
export function changeAnswer(body: string, now: number): AnswerDraft {
  return { ...emptyAnswer(), body, changedAt: now };
}

/** The attempt to send it with these files: the one of before as long as nothing is otherwise. */
export function attemptWith<Draft extends Pick<AnswerDraft, 'key' | 'files'>>(
  draft: Draft,
  files: readonly string[],
): Draft {
  if (files.join() === draft.files.join()) return draft;
  return { ...draft, files, key: crypto.randomUUID() };
}
