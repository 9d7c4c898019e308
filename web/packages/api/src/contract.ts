/**
 * The generated types, read as the wire has them.
 *
 * The generator says of free JSON that it is an empty object. It is put right here, for calls and
 * models alike.
 */
import type { components as Components, paths as Paths } from './schema.gen';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

type Wire<T> = T extends object
  ? [T, string] extends [Record<string, never>, keyof T]
    ? { [key: string]: Json }
    : WithFiles<{ [Key in keyof T]: Wire<T[Key]> }>
  : T;

/** A message has files, which the document does not say yet. */
type WithFiles<T> = T extends { author: unknown; body: string; internal: boolean }
  ? T & { attachments: AttachmentSchema[] }
  : T;

type Generated = Wire<Components['schemas']>;

interface AttachmentSchema {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  uploader: { id: string; name: string };
  ticketId: string | null;
  messageId: string | null;
  createdAt: string;
}

interface JsonAnswer<T> {
  headers: { [name: string]: unknown };
  content: { 'application/json': T };
}

interface AttachmentPaths {
  '/api/attachments': {
    get: { parameters: object; responses: { 200: JsonAnswer<{ largest: number }> } };
  };
  '/api/attachments/{id}': {
    get: { parameters: { path: { id: string } }; responses: { 200: JsonAnswer<never> } };
    delete: {
      parameters: { path: { id: string } };
      responses: { 204: { headers: { [name: string]: unknown }; content?: never } };
    };
  };
  '/api/tickets/{id}/attachments': {
    get: {
      parameters: { path: { id: string }; query?: { limit?: number; cursor?: string } };
      responses: { 200: JsonAnswer<{ items: AttachmentSchema[]; nextCursor: string | null }> };
    };
  };
}

interface SettingsSchema {
  /** So many days an answer reopens a solved ticket; null: without limit, 0: never. */
  reopenDays: number | null;
  version: number;
}

interface SettingsPaths {
  '/api/admin/settings': {
    get: { parameters: object; responses: { 200: JsonAnswer<SettingsSchema> } };
    patch: {
      parameters: object;
      requestBody: { content: { 'application/json': { reopenDays?: number | null; version: number } } };
      responses: { 200: JsonAnswer<SettingsSchema> };
    };
  };
}

export type paths = Wire<Paths> & AttachmentPaths & SettingsPaths;
export type Schemas = Generated & {
  Attachment: AttachmentSchema;
  CompanySettings: SettingsSchema;
  NewTicket: Generated['NewTicket'] & { attachments?: string[] };
};
