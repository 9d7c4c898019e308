import { expect, it } from 'vitest';
import { makeTicket } from '../model/ticket-fixture';
import { beginDraft, isChanged, isDescriptionDraft, ticketToSaveOn } from './description-draft';

const then = makeTicket({ number: 7, description: 'The pallet is late.', version: 3 });

it('knows whether anything was rewritten', () => {
  const draft = beginDraft(then);
  expect(isChanged(draft)).toBe(false);
  expect(isChanged({ ...draft, text: ' The pallet is late.\n' })).toBe(false);
  expect(isChanged({ ...draft, text: 'The pallet is lost.' })).toBe(true);
});

it('saves on the present ticket while only other fields changed', () => {
  const now = { ...then, status: 'waiting' as const, version: 5 };
  expect(ticketToSaveOn(now, beginDraft(then))).toBe(now);
});

it('does not write over a description that somebody else changed meanwhile', () => {
  const now = { ...then, description: 'The pallet was found.', version: 4 };
  expect(ticketToSaveOn(now, beginDraft(then))).toMatchObject({
    description: 'The pallet is late.',
    version: 3,
  });
});

it('takes from the device only what it is', () => {
  expect(isDescriptionDraft(beginDraft(then))).toBe(true);
  expect(isDescriptionDraft({ text: 'x' })).toBe(false);
  expect(isDescriptionDraft('x')).toBe(false);
  expect(isDescriptionDraft(null)).toBe(false);
});
