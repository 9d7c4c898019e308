import type { Draft } from '@flowbit/api';
import { expect, it } from 'vitest';
import {
  type AnswerDraft,
  attemptWith,
  changeAnswer,
  emptyAnswer,
  hasAnswer,
  readAnswer,
} from './answer-draft';
import { chooseText } from './server-draft';

const local = (body: string, changedAt = 2_000): AnswerDraft => ({
  body,
  key: 'k',
  files: [],
  changedAt,
});
const server = (body: string, at = 1_000): Draft => ({
  kind: 'reply',
  body,
  html: null,
  updatedAt: new Date(at).toISOString(),
});

it('goes on with what was written last, and loses nothing', () => {
  // Nothing new on the server: what is here stays, also when it was emptied here.
  expect(chooseText(local('here'), '', undefined)).toBe('here');
  expect(chooseText(local(''), 'before', server('before'))).toBe('');
  // Written, sent or thrown away on another device, and nothing here since.
  expect(chooseText(local(''), '', server('there'))).toBe('there');
  expect(chooseText(local('sent'), 'sent', undefined)).toBe('');
  // Written on both.
  expect(chooseText(local('theirs and mine'), 'x', server('theirs'))).toBe('theirs and mine');
  expect(chooseText(local('mine'), 'x', server('mine and theirs'))).toBe('mine and theirs');
  expect(chooseText(local('mine'), 'x', server('theirs'))).toBe('theirs\n\nmine');
  expect(chooseText(local('mine', 500), 'x', server('theirs'))).toBe('mine\n\ntheirs');
  expect(chooseText(local('mine'), 'x', undefined)).toBe('mine');
});

it('reads what a device kept, whatever that is', () => {
  for (const kept of [null, 'text', 7, [], { body: 7 }]) expect(hasAnswer(readAnswer(kept))).toBe(false);
  const kept = { body: 'Half a sen', key: 'k1', files: ['f1'], changedAt: 5 };
  expect(readAnswer(kept)).toEqual(kept);
});

it('is another attempt after each change', () => {
  const before = emptyAnswer();
  const after = changeAnswer('x', 7);
  expect(after).toMatchObject({ body: 'x', changedAt: 7 });
  expect(after.key).not.toBe(before.key);
  expect(changeAnswer('x', 7).key).not.toBe(after.key);
});

it('is another attempt with other files, and the same with the same', () => {
  const draft = { ...changeAnswer('x', 7), files: ['a', 'b'] };
  expect(attemptWith(draft, ['a', 'b'])).toBe(draft);
  const other = attemptWith(draft, ['a']);
  expect(other).toMatchObject({ body: 'x', files: ['a'] });
  expect(other.key).not.toBe(draft.key);
});
