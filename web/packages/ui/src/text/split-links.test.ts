import { expect, it } from 'vitest';
import { splitLinks } from './split-links';

it('finds addresses and leaves the sentence its punctuation', () => {
  expect(splitLinks('See https://a.example/x?y=1. Or (http://b.example)!')).toEqual([
    { kind: 'text', text: 'See ' },
    { kind: 'link', text: 'https://a.example/x?y=1' },
    { kind: 'text', text: '. Or (' },
    { kind: 'link', text: 'http://b.example' },
    { kind: 'text', text: ')!' },
  ]);
});

it('makes no link of anything else', () => {
  for (const text of ['javascript:alert(1)', 'mailto:a@b.example', 'https://', 'xhttps://a']) {
    expect(splitLinks(text)).toEqual([{ kind: 'text', text }]);
  }
  expect(splitLinks('')).toEqual([]);
});
