import type { Screen } from '@flowbit/api';
import { expect, it } from 'vitest';
import { assignLetters } from '../layout/use-go-to-keys';
import { findScreenOf, hrefWithin, leadElsewhere, resolveScreen } from './resolve';

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

it('leads to a ticket in the screen that somebody has', () => {
  const desk = { ...screen('desk', '/tickets'), remote: { name: 'a', entry: '/x', module: './Tickets' } };
  const portal = { ...screen('own', '/requests'), remote: { name: 'b', entry: '/y', module: './Portal' } };
  const users = screen('users', '/users');
  expect(findScreenOf([portal, desk], './Tickets')).toBe(desk);
  expect(findScreenOf([users, portal], './Tickets')).toBe(portal);
  expect(findScreenOf([desk], './Portal')).toBe(desk);
  expect(findScreenOf([users], './Tickets')).toBeUndefined();
  expect(findScreenOf([desk, portal], './X')).toBeUndefined();

  const id = '01981b2c-0000-7000-8000-0123456789ab';
  expect(leadElsewhere([users, portal], `/tickets/${id}`)).toBe(`/requests/${id}`);
  expect(leadElsewhere([users, desk], `/requests/${id}`)).toBe(`/tickets/${id}`);
  expect(leadElsewhere([users], `/tickets/${id}`)).toBeNull();
  for (const path of ['/tickets', '/tickets/new', `/tickets/${id}/x`, `/${id}`, '/']) {
    expect(leadElsewhere([portal], path)).toBeNull();
  }
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
