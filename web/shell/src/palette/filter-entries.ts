/** Which entries fit what was typed, the best first. */
import type { Excerpt } from '@flowbit/contract';

export interface PaletteEntry {
  id: string;
  group: string;
  label: string;
  detail?: string;
  icon?: string;
  keys?: string;
  keywords?: string[];
  /** What was searched for, and how to find where it stands; without it there is no line beneath. */
  excerpt?: { query: string; find(signal: AbortSignal): Promise<Excerpt | null> };
  run(): void;
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** 3 begins with it, 2 a word does, 1 contains it, 0 not at all. */
function scoreWord(word: string, text: string): number {
  if (text.startsWith(word)) return 3;
  if (text.includes(` ${word}`)) return 2;
  return text.includes(word) ? 1 : 0;
}

function scoreEntry(entry: PaletteEntry, wanted: readonly string[]): number {
  const label = fold(entry.label);
  const others = fold([entry.group, ...(entry.keywords ?? [])].join(' '));
  let total = 0;
  for (const word of wanted) {
    const score = Math.max(scoreWord(word, label) * 2, scoreWord(word, others));
    if (score === 0) return 0;
    total += score;
  }
  return total;
}

/** Entries of one group stand together, each group where its best entry is. */
export function groupEntries(entries: readonly PaletteEntry[]): PaletteEntry[] {
  const groups = [...new Set(entries.map(({ group }) => group))];
  return groups.flatMap((group) => entries.filter((entry) => entry.group === group));
}

export function filterEntries(entries: readonly PaletteEntry[], query: string): PaletteEntry[] {
  const wanted = fold(query).split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [...entries];
  return entries
    .map((entry) => ({ entry, score: scoreEntry(entry, wanted) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}
