import type { Screen } from '@flowbit/api';
import { expect, it } from 'vitest';
import { assignLetters } from '../layout/use-go-to-keys';
import { hrefWithin, resolveScreen } from './resolve';

function screen(id: string, path: string): Screen {
  return { id, title: id, path, icon: 'ticket', remote: { name: id, entry: '/x', module: './X' } };
}

it('finds the screen with the longest base path', () => {
  const screens = [screen('a', '/a'), screen('ab', '/a/b/'), screen('c', 'c')];
  expect(resolveScreen(screens, '/a')).toMatchObject({ basePath: '/a', path: '/' });
  expect(resolveScreen(screens, '/a/b/1')).toMatchObject({ screen: { id: 'ab' }, path: '/1' });
  expect(resolveScreen(screens, '/ab')).toBeNull();
  expect(resolveScreen(screens, '/c/2')).toMatchObject({ basePath: '/c', path: '/2' });
});

it('makes addresses whole', () => {
  expect(hrefWithin('/tickets', '/', '/47')).toBe('/tickets/47');
  expect(hrefWithin('/tickets', '/', '47')).toBe('/tickets/47');
  expect(hrefWithin('/tickets', '/47', '/')).toBe('/tickets');
  expect(hrefWithin('/tickets', '/47', '?a=1')).toBe('/tickets/47?a=1');
  expect(hrefWithin('/tickets', '/47', '/?a=1')).toBe('/tickets?a=1');
  expect(hrefWithin('/', '/', '/')).toBe('/');
});

it('gives each screen a letter of its own', () => {
  const letters = assignLetters([screen('1', '/tickets'), screen('2', '/tags'), screen('3', '/users')]);
  expect([...letters.values()]).toEqual(['t', 'a', 'u']);
});
