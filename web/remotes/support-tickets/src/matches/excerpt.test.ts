import type { Match } from '@flowbit/api';
import { expect, it } from 'vitest';
import { beginNear, excerptOf } from './excerpt';

function match(where: Match['where']): Match {
  return { where, text: 'the late pallet', ranges: [[4, 8]], messageId: null };
}

it('says where the words stand, and whose eyes it is for', () => {
  expect(excerptOf(match('description'), 'en')).toEqual({
    place: 'Description',
    isInternal: false,
    text: 'the late pallet',
    ranges: [[4, 8]],
  });
  expect(excerptOf(match('note'), 'en')).toMatchObject({ place: 'Internal note', isInternal: true });
  expect(excerptOf(match('message'), 'de')).toMatchObject({ place: 'Nachricht', isInternal: false });
  for (const where of ['attachment', 'requester'] as const) {
    expect(excerptOf(match(where), 'en')?.isInternal).toBe(false);
  }
});

it('says nothing where the title says it already, or nothing matches', () => {
  expect(excerptOf(match('title'), 'en')).toBeNull();
  expect(excerptOf(null, 'en')).toBeNull();
});

it('begins nearer to the words where there is little room', () => {
  const cut = (text: string, word: string, lead: number) => {
    const at = text.indexOf(word);
    const excerpt = { place: '', isInternal: false, text, ranges: [[at, at + word.length]] };
    const { text: short, ranges } = beginNear(excerpt, lead);
    return [short, short.slice(ranges[0]?.[0], ranges[0]?.[1])];
  };
  const long = '…the folders of the last year, and a pallet has gone';
  expect(cut(long, 'pallet', 16)).toEqual(['…year, and a pallet has gone', 'pallet']);
  expect(cut(long, 'pallet', 1)).toEqual(['…pallet has gone', 'pallet']);
  expect(cut('a/very/long/path/pallet.pdf', 'pallet', 5)).toEqual(['…pallet.pdf', 'pallet']);
  expect(cut('one pallet', 'pallet', 16)).toEqual(['one pallet', 'pallet']);
});
