import { ApiError, type Field } from '@flowbit/api';
import { expect, it } from 'vitest';
import {
  checkDraft,
  emptyDraft,
  errorsOf,
  followingTitle,
  hasText,
  readDraft,
  readTyped,
  toCreateTicket,
} from './request-draft';

function field(key: string, kind: Field['kind'], required: Field['required'] = 'never'): Field {
  return {
    id: key,
    key,
    kind,
    required,
    label: key,
    options: [],
    active: true,
    shownToRequesters: true,
  } as unknown as Field;
}

it('says what the server would refuse, by field', () => {
  expect(checkDraft(emptyDraft(), [])).toEqual({ title: 'titleMissing' });
  const long = { ...emptyDraft(), title: 'x'.repeat(201), description: 'y'.repeat(20_001) };
  expect(checkDraft(long, [])).toEqual({ title: 'titleTooLong', description: 'descriptionTooLong' });
  const draft = { ...emptyDraft(), title: 'ok', fields: { order: ' ', place: ['A'] } };
  const fields = [
    field('order', 'text', 'create'),
    field('place', 'choices', 'create'),
    field('x', 'text', 'solve'),
  ];
  expect(checkDraft(draft, fields)).toEqual({ 'customFields.order': 'fieldMissing' });
});

it('sends what was typed as the server keeps it, and nothing empty', () => {
  expect(readTyped({ kind: 'number' }, ' 4.5 ')).toBe(4.5);
  expect(readTyped({ kind: 'number' }, 'four')).toBe('four');
  expect(readTyped({ kind: 'boolean' }, 'false')).toBe(false);
  expect(readTyped({ kind: 'choices' }, [])).toBeNull();
  const fields = [field('order', 'text'), field('count', 'number'), field('constructor', 'text')];
  const draft = {
    ...emptyDraft(),
    title: ' Late ',
    fields: { order: '47', count: '', gone: 'x' },
    files: ['f1'],
  };
  expect(toCreateTicket(draft, fields)).toEqual({
    title: 'Late',
    priority: 'normal',
    customFields: { order: '47' },
    attachments: ['f1'],
  });
  expect(toCreateTicket({ ...emptyDraft(), title: 'Late', description: ' ' }, [])).toEqual({
    title: 'Late',
    priority: 'normal',
  });
});

it('shows refusals at their fields', () => {
  const errors = [
    { path: 'title', message: 'too long' },
    { path: 'customFields.order[1]', message: 'not one of them' },
    { path: 'attachments[2]', message: 'sent already' },
  ];
  const problem = { type: 'x', title: 'no', status: 422, code: 'validation_failed', requestId: 'r', errors };
  const error = new ApiError({ status: 422, code: 'validation_failed', message: 'no', problem });
  expect(errorsOf(error)).toEqual({
    title: 'too long',
    'customFields.order': 'not one of them',
    attachments: 'sent already',
  });
  expect(errorsOf(new Error('x'))).toEqual({});
});

it('keeps a draft that has any text, and reads whatever was kept', () => {
  expect(hasText(emptyDraft())).toBe(false);
  expect(hasText({ ...emptyDraft(), description: 'x' })).toBe(true);
  expect(readDraft({ title: 'Kept', fields: null })).toMatchObject({ title: 'Kept', fields: {}, files: [] });
  expect(readDraft('odd')).toMatchObject({ title: '', priority: 'normal' });
});

it('follows a request within the length of a title', () => {
  expect(followingTitle('Follow-up to #7: ', 'Late')).toBe('Follow-up to #7: Late');
  expect([...followingTitle('Follow-up to #7: ', '😀'.repeat(200))]).toHaveLength(200);
});
