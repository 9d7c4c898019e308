import { expect, it } from 'vitest';
import { EMPTY_DRAFT, hasDraft, putBack, readComposerDraft } from './composer-draft';

it('keeps a reply and a note apart', () => {
  const draft = { ...EMPTY_DRAFT, kind: 'note' as const, note: 'Only for us' };
  expect({ ...draft, kind: 'reply' as const }.reply).toBe('');
  expect(hasDraft(draft)).toBe(true);
  expect(hasDraft({ reply: '', note: ' \n' })).toBe(false);
});

it('puts back what could not be sent, before what was written since', () => {
  expect(putBack(EMPTY_DRAFT, 'note', 'First', [])).toEqual({ ...EMPTY_DRAFT, kind: 'note', note: 'First' });
  const since = { kind: 'note', reply: 'Since', note: 'Other', picked: ['1'] } as const;
  expect(putBack(since, 'reply', 'First', ['2'])).toEqual({
    kind: 'reply',
    reply: 'First\n\nSince',
    note: 'Other',
    picked: ['1', '2'],
  });
});

it('takes from the device only what it is', () => {
  expect(readComposerDraft(null)).toEqual(EMPTY_DRAFT);
  expect(readComposerDraft({ kind: 'shout', reply: 7, note: 'Kept', picked: ['1', 2] })).toEqual({
    kind: 'reply',
    reply: '',
    note: 'Kept',
    picked: ['1'],
  });
});
