import { expect, it } from 'vitest';
import { assignLetters } from './use-go-to-keys';

const screen = (path: string) => ({ id: path.slice(1), path });

it('gives each screen the first letter of its path that is free', () => {
  const letters = assignLetters([screen('/tickets'), screen('/teams'), screen('/audit')]);
  expect(Object.fromEntries(letters)).toEqual({ tickets: 't', teams: 'e', audit: 'a' });
});

it('keeps `i` for where work begins', () => {
  expect(assignLetters([screen('/tickets'), screen('/invoices')]).get('invoices')).toBe('n');
});

it('leaves out a screen for which none is free', () => {
  expect(assignLetters([screen('/a'), screen('/A')]).has('A')).toBe(false);
});
