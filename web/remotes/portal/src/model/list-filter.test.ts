import { expect, it } from 'vitest';
import { formatFilter, parseFilter, toQuery } from './list-filter';

const read = (query: string) => parseFilter(new URLSearchParams(query));

it('reads the address, and writes it as short as it is', () => {
  expect(read('')).toEqual({ tab: 'open', q: '' });
  expect(read('show=solved&q=%20pallet%20')).toEqual({ tab: 'solved', q: 'pallet' });
  expect(read('show=everything')).toEqual({ tab: 'open', q: '' });
  expect(formatFilter({ tab: 'open', q: '' })).toBe('');
  expect(formatFilter({ tab: 'all', q: 'a b&c' })).toBe('?show=all&q=a+b%26c');
  for (const filter of [read('show=all&q=x'), read('show=solved')]) {
    expect(read(formatFilter(filter).slice(1))).toEqual(filter);
  }
});

it('asks for one’s own alone, whoever asks', () => {
  expect(toQuery(read(''), 'me')).toEqual({
    requesterId: 'me',
    sort: '-updatedAt',
    status: 'open,in_progress,waiting',
  });
  expect(toQuery(read('show=all&q=late'), 'me')).toEqual({
    requesterId: 'me',
    sort: '-updatedAt',
    q: 'late',
  });
});
