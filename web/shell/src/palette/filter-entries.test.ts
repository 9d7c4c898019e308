import { expect, it } from 'vitest';
import { filterEntries, groupEntries, type PaletteEntry } from './filter-entries';

function entry(label: string, more: Partial<PaletteEntry> = {}): PaletteEntry {
  return { id: label, group: 'Go to', label, run: () => {}, ...more };
}

function found(query: string, ...entries: PaletteEntry[]) {
  return filterEntries(entries, query).map(({ label }) => label);
}

it('shows all in their order while nothing is typed', () => {
  expect(found('  ', entry('B'), entry('A'))).toEqual(['B', 'A']);
});

it('puts a label that begins so before one with such a word, and that before one that holds it', () => {
  expect(found('tick', entry('Sticky'), entry('New ticket'), entry('Tickets'))).toEqual([
    'Tickets',
    'New ticket',
    'Sticky',
  ]);
});

it('puts labels before keywords and groups', () => {
  const byKeyword = entry('Sign out', { keywords: ['leave'] });
  expect(found('leave', byKeyword, entry('Leave this page'))).toEqual(['Leave this page', 'Sign out']);
  expect(found('admin', entry('Users', { group: 'Admin' }), entry('Tickets'))).toEqual(['Users']);
});

it('wants every word, in any order', () => {
  expect(found('ticket new', entry('New ticket'), entry('New user'))).toEqual(['New ticket']);
});

it('minds neither case nor accents', () => {
  expect(found('uber', entry('Über Flowbit'))).toEqual(['Über Flowbit']);
  expect(found('ÜBER', entry('uber'))).toEqual(['uber']);
});

it('puts each group together, where its best entry stands', () => {
  const entries = [entry('A', { group: 'X' }), entry('B', { group: 'Y' }), entry('C', { group: 'X' })];
  expect(groupEntries(entries).map(({ label }) => label)).toEqual(['A', 'C', 'B']);
});

it('keeps the order of equals', () => {
  expect(found('user', entry('User A'), entry('User B'))).toEqual(['User A', 'User B']);
});
