import { expect, it } from 'vitest';
import { changesOf, diffItems, diffWords, restOf } from './event-changes';

it('takes changes out, nested ones too', () => {
  expect(changesOf({ changes: { status: { from: 'open', to: 'resolved' } }, version: 4 })).toEqual([
    { path: ['status'], from: 'open', to: 'resolved' },
  ]);
  expect(
    changesOf({
      changes: { reports: { enabled: { from: true, to: false }, roles: { from: ['admin'], to: [] } } },
      order: { from: ['a', 'b'], to: ['b', 'a'] },
    }),
  ).toEqual([
    { path: ['reports', 'enabled'], from: true, to: false },
    { path: ['reports', 'roles'], from: ['admin'], to: [] },
    { path: ['order'], from: ['a', 'b'], to: ['b', 'a'] },
  ]);
  expect(changesOf({ reason: 'password' })).toEqual([]);
});

it('leaves the rest', () => {
  const data = { changes: {}, number: 7, title: 'Late', version: 2, order: { from: 1, to: 2 }, email: 'a@b' };
  expect(restOf(data)).toEqual([
    ['version', 2],
    ['email', 'a@b'],
  ]);
});

it('finds the words that differ', () => {
  expect(diffWords('waits at gate 3 today', 'waits at gate 5 today')).toEqual([
    { kind: 'kept', text: 'waits at gate ' },
    { kind: 'removed', text: '3' },
    { kind: 'added', text: '5' },
    { kind: 'kept', text: ' today' },
  ]);
  expect(diffWords('', 'new')).toEqual([{ kind: 'added', text: 'new' }]);
  expect(diffWords('old', '')).toEqual([{ kind: 'removed', text: 'old' }]);
  expect(diffWords('same', 'same')).toEqual([{ kind: 'kept', text: 'same' }]);
});

it('puts what is too long as it stands', () => {
  const long = 'word '.repeat(500);
  expect(diffWords(long, 'short').map((part) => part.kind)).toEqual(['removed', 'added']);
});

it('compares lists', () => {
  expect(diffItems(['customs', 'rotterdam'], ['rotterdam', 'urgent'])).toEqual([
    { kind: 'kept', text: 'rotterdam' },
    { kind: 'added', text: 'urgent' },
    { kind: 'removed', text: 'customs' },
  ]);
});
