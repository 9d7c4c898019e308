/** A request in the making: what it holds, what is wrong with it, and how it is sent. */
import { type CreateTicket, type Field, isApiError, type Json, type TicketPriority } from '@flowbit/api';

export interface RequestDraft {
  title: string;
  description: string;
  priority: TicketPriority;
  /** As it was typed, by the field's key; several choices as a list. */
  fields: Record<string, string | string[]>;
  /** The ids of the files that the attempt was made with. */
  files: readonly string[];
  /** The server knows the attempt by it: sent twice, raised once. New with each change. */
  key: string;
}

export const TITLE_MAX = 200;
export const DESCRIPTION_MAX = 20_000;

export function emptyDraft(): RequestDraft {
  return {
    title: '',
    description: '',
    priority: 'normal',
    fields: {},
    files: [],
    key: crypto.randomUUID(),
  };
}

/** From what this device kept, which may be anything. */
export function readDraft(kept: unknown): RequestDraft {
  const empty = emptyDraft();
  if (typeof kept !== 'object' || kept === null) return empty;
  const { fields, files, ...rest } = kept as Partial<RequestDraft>;
  return {
    ...empty,
    ...rest,
    fields: typeof fields === 'object' && fields !== null ? fields : {},
    files: Array.isArray(files) ? files : [],
  };
}

export function hasText({ title, description }: RequestDraft): boolean {
  return title.trim() !== '' || description.trim() !== '';
}

function typedOf(draft: RequestDraft, key: string): string | string[] | undefined {
  return Object.hasOwn(draft.fields, key) ? draft.fields[key] : undefined;
}

/** What was typed into a field, as the server keeps it; null for nothing. */
export function readTyped(field: Pick<Field, 'kind'>, typed: string | string[] | undefined): Json {
  if (typed === undefined) return null;
  if (Array.isArray(typed)) return typed.length === 0 ? null : typed;
  const text = typed.trim();
  if (text === '') return null;
  if (field.kind === 'boolean') return text === 'true';
  if (field.kind !== 'number') return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

export type DraftProblem = 'titleMissing' | 'titleTooLong' | 'descriptionTooLong' | 'fieldMissing';

/** What the server would refuse, by field, said before it is asked. */
export function checkDraft(draft: RequestDraft, fields: readonly Field[]): Record<string, DraftProblem> {
  const problems: Record<string, DraftProblem> = {};
  const title = draft.title.trim();
  if (title === '') problems.title = 'titleMissing';
  else if ([...title].length > TITLE_MAX) problems.title = 'titleTooLong';
  if ([...draft.description].length > DESCRIPTION_MAX) problems.description = 'descriptionTooLong';
  for (const field of fields) {
    const isMissing = field.required === 'create' && readTyped(field, typedOf(draft, field.key)) === null;
    if (isMissing) problems[`customFields.${field.key}`] = 'fieldMissing';
  }
  return problems;
}

export function toCreateTicket(
  draft: RequestDraft,
  fields: readonly Field[],
): CreateTicket & { attachments?: string[] } {
  const description = draft.description.trim();
  const values = fields.flatMap((field): [string, Json][] => {
    const value = readTyped(field, typedOf(draft, field.key));
    return value === null ? [] : [[field.key, value]];
  });
  return {
    title: draft.title.trim(),
    priority: draft.priority,
    ...(description === '' ? {} : { description }),
    ...(values.length === 0 ? {} : { customFields: Object.fromEntries(values) }),
    ...(draft.files.length === 0 ? {} : { attachments: [...draft.files] }),
  };
}

/** The server's refusals by field: `customFields.key` stays itself, `attachments[2]` belongs to `attachments`. */
export function errorsOf(error: unknown): Record<string, string> {
  if (!isApiError(error)) return {};
  const byField: Record<string, string> = {};
  for (const [path, message] of Object.entries(error.fieldErrors)) {
    const isOwn = path.startsWith('customFields.');
    byField[isOwn ? path.replace(/\[.*$/, '') : path.replace(/[.[].*$/, '')] ??= message;
  }
  return byField;
}

/** A title that says which request it goes on with, as long as a title may be. */
export function followingTitle(prefix: string, title: string): string {
  return [...`${prefix}${title}`].slice(0, TITLE_MAX).join('');
}
