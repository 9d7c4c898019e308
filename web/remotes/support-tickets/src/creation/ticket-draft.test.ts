import { ApiError } from '@flowbit/api';
import { expect, it } from 'vitest';
import { attemptKey, checkDraft, emptyDraft, errorsOf, toCreateTicket } from './ticket-draft';

it('says what the server would refuse', () => {
  expect(checkDraft(emptyDraft())).toEqual({ title: 'titleMissing' });
  const tags = Array.from({ length: 21 }, (_, index) => `t${index}`);
  expect(
    checkDraft({ ...emptyDraft(), title: 'x'.repeat(201), description: 'y'.repeat(20_001), tags }),
  ).toEqual({
    title: 'titleTooLong',
    description: 'descriptionTooLong',
    tags: 'tooManyTags',
  });
  expect(checkDraft({ ...emptyDraft(), title: 'ok' })).toEqual({});
});

it('sends no assignee for those who may not assign, and nothing empty', () => {
  const draft = { ...emptyDraft(), title: ' Pallet ', assigneeId: 'u1' };
  expect(toCreateTicket(draft, false)).toEqual({ title: 'Pallet', priority: 'normal' });
  expect(toCreateTicket(draft, true)).toEqual({ title: 'Pallet', priority: 'normal', assigneeId: 'u1' });
});

it('shows refusals at their fields', () => {
  const error = new ApiError({
    status: 422,
    code: 'validation_failed',
    message: 'no',
    problem: {
      type: 'about:blank',
      title: 'no',
      status: 422,
      code: 'validation_failed',
      requestId: 'r',
      errors: [
        { path: '/title', message: 'too long' },
        { path: 'tags[3]', message: 'too odd' },
        { path: '/tags/4', message: 'second' },
      ],
    },
  });
  expect(errorsOf(error)).toEqual({ title: 'too long', tags: 'too odd' });
  expect(errorsOf(new Error('x'))).toEqual({});
});

it('takes the files along, and is another attempt with others', () => {
  const draft = { ...emptyDraft(), title: 'Pallet' };
  const files = Array.from({ length: 20 }, () => ({ id: crypto.randomUUID() }));
  expect(toCreateTicket(draft, false, files).attachments).toEqual(files.map(({ id }) => id));
  expect(toCreateTicket(draft, false)).not.toHaveProperty('attachments');
  expect(attemptKey(draft, [])).toBe(draft.key);
  expect(attemptKey(draft, files)).not.toBe(attemptKey(draft, files.slice(1)));
  // The server takes no longer ones.
  expect(attemptKey(draft, files).length).toBeLessThanOrEqual(255);
});
