import { expect, it } from 'vitest';
import { suggestTitle } from './split-dialog';

it('suggests the first line of the message', () => {
  expect(suggestTitle('  The invoice is wrong. \n\nIt says 12 pallets.')).toBe('The invoice is wrong.');
  expect(suggestTitle(' \n ')).toBe('');
  expect(suggestTitle('Order\t42\u0000 is late')).toBe('Order 42 is late');
});

it('cuts a long line between two words, or where there is none', () => {
  const words = suggestTitle(`${'word '.repeat(30)}`);
  expect(words).toMatch(/ word…$/);
  expect(words.length).toBeLessThanOrEqual(81);
  expect(suggestTitle('🚚'.repeat(300))).toBe(`${'🚚'.repeat(80)}…`);
  expect(suggestTitle('x'.repeat(300))).toBe(`${'x'.repeat(80)}…`);
});
