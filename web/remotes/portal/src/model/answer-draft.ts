/** An answer in the making, as this device keeps it. */
export interface AnswerDraft {
  body: string;
  /** The server knows the attempt by it: sent twice, written once. New with each change. */
  key: string;
  /** When it was last typed at, in milliseconds since 1970; 0 for never. */
  changedAt: number;
}

export const ANSWER_MAX = 20_000;

/** Where a device keeps the answer to a request. */
export function draftName(ticketId: string): string {
  return `answer:${ticketId}`;
}

export function emptyAnswer(): AnswerDraft {
  return { body: '', key: crypto.randomUUID(), changedAt: 0 };
}

/** From what this device kept, which may be anything. */
export function readAnswer(kept: unknown): AnswerDraft {
  const empty = emptyAnswer();
  if (typeof kept !== 'object' || kept === null) return empty;
  const { body, key, changedAt } = kept as Partial<AnswerDraft>;
  return {
    body: typeof body === 'string' ? body : empty.body,
    key: typeof key === 'string' ? key : empty.key,
    changedAt: typeof changedAt === 'number' ? changedAt : empty.changedAt,
  };
}

export function hasAnswer({ body }: Pick<AnswerDraft, 'body'>): boolean {
  return body.trim() !== '';
}

/** What stands in the box after a change: another attempt. */
export function changeAnswer(body: string, now: number): AnswerDraft {
  return { body, key: crypto.randomUUID(), changedAt: now };
}
