/** Values of custom fields: as they are typed, and as they are read. */
import type { Field, Json } from '@flowbit/api';

/** What was typed, as the server keeps it; nothing is null. */
export function readValue(kind: Field['kind'], typed: string): Json {
  const text = typed.trim();
  if (text === '') return null;
  if (kind !== 'number') return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

/** Whether there is a value at all. */
export function hasValue(value: Json | undefined): value is NonNullable<Json> {
  return value !== null && value !== undefined;
}

/** The value under a key, which may be called as everything that each object has: `constructor`. */
export function valueAt(values: Readonly<Record<string, Json>> | undefined, key: string): Json | undefined {
  return values !== undefined && Object.hasOwn(values, key) ? values[key] : undefined;
}

/** Those that must have a value before the ticket can be solved, and have none. */
export function missingToSolve(
  fields: readonly Field[],
  values: Readonly<Record<string, Json>>,
): readonly Field[] {
  return fields.filter(({ required, key }) => required === 'solve' && !hasValue(valueAt(values, key)));
}
