import { expect, it } from 'vitest';
import { plain } from '../editor/written';
import {
  changedKinds,
  dated,
  EMPTY_DRAFT,
  hasDraft,
  putBack,
  readComposerDraft,
  withWritten,
  writtenIn,
} from './composer-draft';

it('keeps a reply and a note apart', () => {
  const draft = { ...EMPTY_DRAFT, kind: 'note' as const, note: 'Only for us' };
  expect({ ...draft, kind: 'reply' as const }.reply).toBe('');
  expect(hasDraft(draft)).toBe(true);
  expect(hasDraft({ reply: '', note: ' \n' })).toBe(false);
});

it('puts back what could not be sent, before what was written since', () => {
  expect(putBack(EMPTY_DRAFT, 'note', plain('First'), [])).toEqual({
    ...EMPTY_DRAFT,
    kind: 'note',
    note: 'First',
  });
  const since = { ...EMPTY_DRAFT, kind: 'note', reply: 'Since', note: 'Other', picked: ['1'] } as const;
  expect(putBack(since, 'reply', plain('First'), ['2'])).toEqual({
    ...EMPTY_DRAFT,
    kind: 'reply',
    reply: 'First\n\nSince',
    note: 'Other',
    picked: ['1', '2'],
  });
});

it('takes from the device only what it is', () => {
  expect(readComposerDraft(null)).toEqual(EMPTY_DRAFT);
  const changedAt = { reply: 'today', note: 7 };
  expect(readComposerDraft({ kind: 'shout', reply: 7, note: 'Kept', picked: ['1', 2], changedAt })).toEqual({
    kind: 'reply',
    reply: '',
    note: 'Kept',
    html: { reply: null, note: null },
    picked: ['1'],
    changedAt: { reply: 0, note: 7 },
  });
  expect(readComposerDraft({ reply: 'Kept', changedAt: null }).changedAt).toEqual({ reply: 0, note: 0 });
});

it('keeps how each is formatted', () => {
  const bold = { body: 'Kept', html: '<p><strong>Kept</strong></p>' };
  const draft = withWritten(EMPTY_DRAFT, 'note', bold);
  expect(writtenIn(readComposerDraft(JSON.parse(JSON.stringify(draft))), 'note')).toEqual(bold);
  expect(writtenIn(draft, 'reply')).toEqual(plain(''));
  expect(readComposerDraft({ note: 'Kept', html: { note: 7 } }).html).toEqual({ reply: null, note: null });
  // Formatted anew it is another text, though its words are the same.
  expect(changedKinds(draft, withWritten(draft, 'note', plain('Kept')))).toEqual(['note']);
  expect(writtenIn(putBack(draft, 'note', plain('First'), []), 'note')).toEqual({
    body: 'First\n\nKept',
    html: '<p>First</p><p><strong>Kept</strong></p>',
  });
});

it('knows of each text when it was typed', () => {
  const written = { ...EMPTY_DRAFT, kind: 'note' as const, note: 'Only for us' };
  expect(changedKinds(EMPTY_DRAFT, written)).toEqual(['note']);
  const first = dated(EMPTY_DRAFT, written, 10);
  expect(first.changedAt).toEqual({ reply: 0, note: 10 });
  const second = dated(first, { ...first, kind: 'reply', reply: 'Hello' }, 20);
  expect(second.changedAt).toEqual({ reply: 20, note: 10 });
});
