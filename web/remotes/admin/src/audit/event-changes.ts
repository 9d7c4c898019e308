/** What an event changed, taken out of its data: one line per field, with before and after. Pure. */
import type { Json } from '@flowbit/api';

export interface Change {
  /** The field; for what is nested, from outside in: `['reports', 'enabled']`. */
  path: string[];
  from: Json;
  to: Json;
}

type JsonObject = { [key: string]: Json };

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isChange(value: JsonObject): value is { from: Json; to: Json } {
  const keys = Object.keys(value);
  return keys.length === 2 && 'from' in value && 'to' in value;
}

function collect(value: Json, path: string[]): Change[] {
  if (!isObject(value)) return [];
  if (isChange(value)) return [{ path, from: value.from, to: value.to }];
  return Object.entries(value).flatMap(([key, inner]) => collect(inner, [...path, key]));
}

export function changesOf(data: JsonObject): Change[] {
  return Object.entries(data).flatMap(([key, value]) => {
    if (key === 'changes') return collect(value, []);
    return isObject(value) && isChange(value) ? [{ path: [key], from: value.from, to: value.to }] : [];
  });
}

/** Of the data, what is neither a change nor already said by the event's line. */
export function restOf(data: JsonObject): [key: string, value: Json][] {
  const said = new Set(['changes', 'number', 'title']);
  return Object.entries(data).filter(
    ([key, value]) => !said.has(key) && !(isObject(value) && isChange(value)),
  );
}

export interface Part {
  kind: 'kept' | 'removed' | 'added';
  text: string;
}

/** Above this many words the parts are not worked out: before and after stand as they are. */
const MAX_WORDS = 400;

function push(parts: Part[], kind: Part['kind'], text: string) {
  const last = parts.at(-1);
  if (last?.kind === kind) last.text += text;
  else parts.push({ kind, text });
}

/** Lengths of the longest common rest of `before` from i and `after` from j. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const table = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const at = (i: number, j: number) => table[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    const row = table[i] ?? [];
    for (let j = after.length - 1; j >= 0; j--) {
      row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  return table;
}

/** The words that two texts share and those that only one has, in reading order. */
export function diffWords(from: string, to: string): Part[] {
  const before = from.split(/(\s+)/).filter(Boolean);
  const after = to.split(/(\s+)/).filter(Boolean);
  const parts: Part[] = [];
  if (before.length > MAX_WORDS || after.length > MAX_WORDS) {
    if (from) push(parts, 'removed', from);
    if (to) push(parts, 'added', to);
    return parts;
  }
  const table = commonLengths(before, after);
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      push(parts, 'kept', old);
      i += 1;
      j += 1;
    } else if (
      fresh === undefined ||
      (old !== undefined && (table[i + 1]?.[j] ?? 0) >= (table[i]?.[j + 1] ?? 0))
    ) {
      push(parts, 'removed', old ?? '');
      i += 1;
    } else {
      push(parts, 'added', fresh);
      j += 1;
    }
  }
  return parts;
}

/** Which items two lists share and which only one has; kept and added in the new order, removed last. */
export function diffItems(from: readonly string[], to: readonly string[]): Part[] {
  const now = to.map((text): Part => ({ kind: from.includes(text) ? 'kept' : 'added', text }));
  const gone = from.filter((text) => !to.includes(text)).map((text): Part => ({ kind: 'removed', text }));
  return [...now, ...gone];
}
