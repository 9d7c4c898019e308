import { expect, it } from 'vitest';
import { matchPath } from './match-path';

it('gives the parameters', () => {
  expect(matchPath('/:id/history', '/47/history')).toEqual({ id: '47' });
  expect(matchPath('/:id', '/a%20b')).toEqual({ id: 'a b' });
  expect(matchPath('/', '/')).toEqual({});
});

it('refuses what does not fit', () => {
  expect(matchPath('/:id', '/')).toBeNull();
  expect(matchPath('/:id', '/1/2')).toBeNull();
  expect(matchPath('/new', '/old')).toBeNull();
  expect(matchPath('/:id', '/%E0%A4%A')).toBeNull();
});

it('takes any rest after a star', () => {
  expect(matchPath('/files/*', '/files/a/b')).toEqual({});
  expect(matchPath('/files/*', '/other')).toBeNull();
});
