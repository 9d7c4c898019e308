/**
 * The generated types, read as the wire has them.
 *
 * The generator says of free JSON that it is an empty object, and the document names three
 * enumerations as the code does instead of as the wire does. Both are put right here, for calls and
 * models alike; a document that says it right passes through unchanged.
 */
import type { components as Components, paths as Paths } from './schema.gen';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

interface Names {
  Open: 'open';
  InProgress: 'in_progress';
  Waiting: 'waiting';
  Resolved: 'resolved';
  Closed: 'closed';
  Low: 'low';
  Normal: 'normal';
  High: 'high';
  Urgent: 'urgent';
  Pending: 'pending';
  Running: 'running';
  Done: 'done';
  Failed: 'failed';
  Overdue: 'overdue';
}

type Wire<T> = T extends keyof Names
  ? Names[T]
  : T extends object
    ? [T, string] extends [Record<string, never>, keyof T]
      ? { [key: string]: Json }
      : { [Key in keyof T]: Wire<T[Key]> }
    : T;

export type paths = Wire<Paths>;
export type Schemas = Wire<Components['schemas']>;
