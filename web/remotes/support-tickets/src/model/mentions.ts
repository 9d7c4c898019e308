/**
 * Names in a text: `@Anna Ruiz`, as it is typed and read. Who is meant goes beside the text.
 */
import type { PersonRef } from '@flowbit/api';

/** As many as a message may name. */
export const MENTIONS_MAX = 20;

export type NamePart = { kind: 'text'; text: string } | { kind: 'name'; text: string };

function isLetter(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

/** The text in parts: names of these people, and what stands between. Of two that begin alike the longer one counts. */
export function splitNames(text: string, people: readonly Pick<PersonRef, 'name'>[]): NamePart[] {
  const names = [...new Set(people.map(({ name }) => name))].toSorted((a, b) => b.length - a.length);
  const parts: NamePart[] = [];
  let end = 0;
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    // Within a word it is part of an address.
    if (at < end || isLetter(text[at - 1])) continue;
    const name = names.find((one) => text.startsWith(one, at + 1) && !isLetter(text[at + 1 + one.length]));
    if (name === undefined) continue;
    if (at > end) parts.push({ kind: 'text', text: text.slice(end, at) });
    end = at + 1 + name.length;
    parts.push({ kind: 'name', text: text.slice(at, end) });
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

/** The ids of those whom a text names. Of several with one name, those who were picked from the list, if any was. */
export function findMentioned(
  text: string,
  people: readonly PersonRef[],
  picked: readonly string[],
): string[] {
  const named = new Set(
    splitNames(text, people).flatMap((part) => (part.kind === 'name' ? [part.text] : [])),
  );
  const chosen = new Set(people.filter(({ id }) => picked.includes(id)).map(({ name }) => name));
  return people
    .filter(({ id, name }) => named.has(`@${name}`) && (!chosen.has(name) || picked.includes(id)))
    .map(({ id }) => id)
    .slice(0, MENTIONS_MAX);
}
