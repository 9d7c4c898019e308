import { describe, expect, it } from 'vitest';
import { describeActions } from './macro-words';

const actions = { status: null, priority: null, addTags: [], removeTags: [], assignee: null, teamId: null };
const known = { assignees: [{ id: 'u1', name: 'Greta' }], teams: [{ id: 't1', name: 'Depot' }] };

describe('what a macro does besides answering', () => {
  it('is said in the order of its effects', () => {
    const all = {
      actions: {
        status: 'waiting' as const,
        priority: 'high' as const,
        assignee: 'me',
        addTags: ['asked'],
        removeTags: ['new'],
        teamId: 't1',
      },
    };
    expect(describeActions(all, known, 'en')).toBe(
      'Waiting, priority High, to me, to the team Depot, + asked, − new',
    );
    expect(describeActions(all, known, 'de')).toBe(
      'Wartet, Priorität Hoch, an mich, an das Team Depot, + asked, − new',
    );
  });

  it('names who gets the ticket, and says when they are gone', () => {
    const to = (assignee: string) => describeActions({ actions: { ...actions, assignee } }, known, 'en');
    expect(to('u1')).toBe('to Greta');
    expect(to('u2')).toBe('to someone who is gone');
    expect(to('nobody')).toBe('to nobody');
  });

  it('is empty when nothing else happens', () => {
    expect(describeActions({ actions }, known, 'en')).toBe('');
  });
});
