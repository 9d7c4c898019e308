import { describe, expect, it } from 'vitest';
import { findMentioned, splitNames } from './mentions';

const people = [
  { id: '1', name: 'Anna' },
  { id: '2', name: 'Anna Ruiz' },
  { id: '3', name: 'Björn' },
];

describe('names in a text', () => {
  it('finds whom it names, the longer name first', () => {
    expect(findMentioned('Hello @Anna Ruiz, and @Björn!', people, [])).toEqual(['2', '3']);
    expect(findMentioned('@Anna', people, [])).toEqual(['1']);
  });

  it('takes neither addresses nor longer words for names', () => {
    expect(findMentioned('mail anna@Anna, @Annabel, @Nobody, Anna', people, [])).toEqual([]);
  });

  it('means of two with one name the one who was picked', () => {
    const twins = [...people, { id: '4', name: 'Anna' }];
    expect(findMentioned('@Anna and @Björn', twins, ['4'])).toEqual(['3', '4']);
    expect(findMentioned('@Anna', twins, ['3'])).toEqual(['1', '4']);
    expect(findMentioned('Hello', twins, ['4'])).toEqual([]);
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
