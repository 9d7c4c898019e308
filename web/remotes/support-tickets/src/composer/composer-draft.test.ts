import { expect, it } from 'vitest';
import { EMPTY_DRAFT, hasDraft, putBack, readComposerDraft } from './composer-draft';

it('keeps a reply and a note apart', () => {
  const draft = { ...EMPTY_DRAFT, kind: 'note' as const, note: 'Only for us' };
  expect({ ...draft, kind: 'reply' as const }.reply).toBe('');
  expect(hasDraft({ ...draft, kind: 'reply' })).toBe(true);
  expect(hasDraft({ kind: 'note', reply: '', note: ' \n' })).toBe(false);
});

it('puts back what could not be sent, before what was written since', () => {
  expect(putBack(EMPTY_DRAFT, 'note', 'First')).toEqual({ kind: 'note', reply: '', note: 'First' });
  expect(putBack({ kind: 'note', reply: 'Since', note: 'Other' }, 'reply', 'First')).toEqual({
    kind: 'reply',
    reply: 'First\n\nSince',
    note: 'Other',
  });
});

it('takes from the device only what it is', () => {
  expect(readComposerDraft(null)).toEqual(EMPTY_DRAFT);
  expect(readComposerDraft({ kind: 'shout', reply: 7, note: 'Kept' })).toEqual({
    kind: 'reply',
    reply: '',
    note: 'Kept',
  });
});
