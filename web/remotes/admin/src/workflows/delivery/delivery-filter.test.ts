import { expect, it } from 'vitest';
import { readFilter, writeFilter } from './delivery-filter';

it('reads what it wrote', () => {
  for (const filter of [
    {},
    { state: 'dead' as const },
    { state: 'pending' as const, endpointId: 'e1', ticketId: 't/1 &' },
  ]) {
    expect(readFilter(new URLSearchParams(writeFilter(filter)))).toEqual(filter);
  }
  expect(writeFilter({})).toBe('');
});

it('ignores what is no filter', () => {
  expect(readFilter(new URLSearchParams('?state=lost&endpointId=&page=2'))).toEqual({});
});
