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
    : { [Key in keyof T]: Wire<T[Key]> }
  : T;

export type paths = Wire<Paths>;
export type Schemas = Wire<Components['schemas']>;
