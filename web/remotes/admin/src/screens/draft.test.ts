import type { Role } from '@flowbit/api';
import { expect, it } from 'vitest';
import {
  allowedRoles,
  changesOf,
  choose,
  draftOf,
  moveTo,
  refusalsById,
  type ScreenSetting,
  sameDraft,
  toPatch,
  withRole,
} from './draft';

function screen(id: string, roles: Role[] = ['admin'], more: Partial<ScreenSetting> = {}): ScreenSetting {
  return {
    id,
    title: id,
    path: `/${id}`,
    icon: 'ticket',
    remote: { name: id, entry: `/remotes/${id}/mf-manifest.json`, module: './X' },
    roles,
    allowedRoles: ['admin', 'agent', 'user'],
    enabled: true,
    ...more,
  };
}

const saved = draftOf([screen('a', ['admin', 'agent']), screen('b'), screen('c')]);

it('moves within the ends', () => {
  expect(moveTo(saved, 'a', 1).order).toEqual(['b', 'a', 'c']);
  expect(moveTo(saved, 'c', -4).order).toEqual(['c', 'a', 'b']);
  expect(moveTo(saved, 'a', 99).order).toEqual(['b', 'c', 'a']);
  expect(moveTo(saved, 'a', 0)).toBe(saved);
  expect(moveTo(saved, 'unknown', 1)).toBe(saved);
});

it('is clean again when everything is back', () => {
  const changed = choose(moveTo(saved, 'a', 2), 'b', { enabled: false });
  expect(changesOf(saved, changed)).toEqual({ isReordered: true, switched: ['b'], shared: [], count: 2 });
  const back = choose(moveTo(changed, 'a', 0), 'b', { enabled: true });
  expect(changesOf(saved, back).count).toBe(0);
  expect(sameDraft(saved, back)).toBe(true);
  expect(sameDraft(saved, changed)).toBe(false);
});

it('does not take another order of roles for a change', () => {
  expect(changesOf(saved, choose(saved, 'a', { roles: ['agent', 'admin'] })).count).toBe(0);
  expect(changesOf(saved, choose(saved, 'a', { roles: ['admin'] })).shared).toEqual(['a']);
});

it('saves all in order, and of each what differs', () => {
  const draft = choose(choose(moveTo(saved, 'c', 0), 'c', { enabled: false }), 'a', { roles: ['admin'] });
  expect(toPatch(saved, draft)).toEqual([
    { id: 'c', enabled: false },
    { id: 'a', roles: ['admin'] },
    { id: 'b' },
  ]);
});

it('keeps roles in one order', () => {
  expect(withRole(['user', 'admin'], 'agent', true)).toEqual(['admin', 'agent', 'user']);
  expect(withRole(['user', 'admin'], 'user', false)).toEqual(['admin']);
});

it('offers the roles of the registry, in one order', () => {
  expect(allowedRoles(screen('a', ['admin'], { allowedRoles: ['user', 'admin'] }))).toEqual([
    'admin',
    'user',
  ]);
  expect(allowedRoles(screen('a'))).toEqual(['admin', 'agent', 'user']);
});

it('finds the screen that a refusal is about', () => {
  const patch = [{ id: 'c' }, { id: 'a' }];
  expect(
    refusalsById(patch, [
      { path: 'screens[1].roles', message: 'too many' },
      { path: '/screens/0/enabled', message: 'no' },
      { path: 'screens[7].id', message: 'lost' },
    ]),
  ).toEqual({ a: 'too many', c: 'no' });
});
