import { describe, expect, it } from 'vitest';
import { findMentioned, splitNames } from './mentions';

const people = [
  { id: '1', name: 'Anna' },
  { id: '2', name: 'Anna Ruiz' },
  { id: '3', name: 'Björn' },
];

describe('names in a text', () => {
  it('finds whom it names, the longer name first', () => {
    expect(findMentioned('Hello @Anna Ruiz, and @Björn!', people)).toEqual(['2', '3']);
    expect(findMentioned('@Anna', people)).toEqual(['1']);
  });

  it('takes neither addresses nor longer words for names', () => {
    expect(findMentioned('mail anna@Anna, @Annabel, @Nobody, Anna', people)).toEqual([]);
  });

  it('keeps the text whole', () => {
    const text = '@Anna Ruiz: see @Björn@Anna and a@b';
    expect(
      splitNames(text, people)
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
    expect(splitNames('no names', people)).toEqual([{ kind: 'text', text: 'no names' }]);
  });
});
