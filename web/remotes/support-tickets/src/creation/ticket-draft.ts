/** A ticket in the making: what it holds, what is wrong with it, and how it is sent. */
import {
  type Attachment,
  type CreateTicket,
  type Field,
  isApiError,
  type Json,
  type TicketPriority,
} from '@flowbit/api';
import { hasValue, valueAt } from '../fields/field-value';

export interface TicketDraft {
  title: string;
  description: string;
  priority: TicketPriority;
  tags: string[];
  assigneeId: string | null;
  /** Values of the company's own fields; drafts of before there were any have none. */
  customFields?: Record<string, Json>;
  /** The server knows the attempt by it: sent twice, created once. New with each change. */
  key: string;
}

export const TITLE_MAX = 200;
export const DESCRIPTION_MAX = 20_000;
const TAGS_MAX = 20;
const TAG_MAX = 40;

export function emptyDraft(): TicketDraft {
  return {
    title: '',
    description: '',
    priority: 'normal',
    tags: [],
    assigneeId: null,
    key: crypto.randomUUID(),
  };
}

export interface DraftErrors {
  title?: 'titleMissing' | 'titleTooLong';
  description?: 'descriptionTooLong';
  tags?: 'tooManyTags' | 'tagTooLong';
}

/** What the server would refuse, said before it is asked. */
export function checkDraft(draft: TicketDraft): DraftErrors {
  const errors: DraftErrors = {};
  const title = draft.title.trim();
  if (title === '') errors.title = 'titleMissing';
  else if ([...title].length > TITLE_MAX) errors.title = 'titleTooLong';
  if ([...draft.description].length > DESCRIPTION_MAX) errors.description = 'descriptionTooLong';
  if (draft.tags.length > TAGS_MAX) errors.tags = 'tooManyTags';
  else if (draft.tags.some((tag) => [...tag].length > TAG_MAX)) errors.tags = 'tagTooLong';
  return errors;
}

export function toCreateTicket(
  draft: TicketDraft,
  isStaff: boolean,
  files: readonly Pick<Attachment, 'id'>[] = [],
): CreateTicket {
  const description = draft.description.trim();
  const values = Object.fromEntries(
    Object.entries(draft.customFields ?? {}).filter(([, value]) => hasValue(value)),
  );
  return {
    title: draft.title.trim(),
    priority: draft.priority,
    ...(description === '' ? {} : { description }),
    ...(draft.tags.length === 0 ? {} : { tags: draft.tags }),
    ...(Object.keys(values).length === 0 ? {} : { customFields: values }),
    ...(files.length === 0 ? {} : { attachments: files.map(({ id }) => id) }),
    ...(isStaff && draft.assigneeId !== null ? { assigneeId: draft.assigneeId } : {}),
  };
}

/** The server knows an attempt by its key: with other files it is another attempt. */
export function attemptKey({ key }: TicketDraft, files: readonly Pick<Attachment, 'id'>[]): string {
  return [key, ...files.map(({ id }) => id.slice(-8))].join('.');
}

/** Fields that a new ticket must have a value of, and this one has none. */
export function missingFields(draft: TicketDraft, fields: readonly Field[]): ReadonlySet<string> {
  const missing = fields.filter(
    ({ required, key }) => required === 'create' && !hasValue(valueAt(draft.customFields, key)),
  );
  return new Set(missing.map(({ key }) => key));
}

/** The server's refusals by field; `tags[2]` and `tags/2` belong to `tags`, `customFields.key` stays itself. */
export function errorsOf(error: unknown): Record<string, string> {
  if (!isApiError(error)) return {};
  const byField: Record<string, string> = {};
  for (const [path, message] of Object.entries(error.fieldErrors)) {
    const isOwn = path.startsWith('customFields.');
    byField[isOwn ? path : path.replace(/[.[/].*$/, '')] ??= message;
  }
  return byField;
}
