import { getSchema } from '@tiptap/core';
import { describe, expect, it } from 'vitest';
import { readAddress } from './address';
import { makeDocument, readDocument } from './document';
import { extensions } from './extensions';
import { join, plain, quote, writeOn } from './written';

const schema = getSchema(extensions);
const again = (html: string) => readDocument(makeDocument(schema, { body: '', html }));

describe('plain text', () => {
  it.each([
    '',
    'One line',
    'First\nsecond',
    'First\n\nAfter an empty line',
    'First\n\n\n\nAfter three\n',
    '\nBelow an empty line',
    '  two  spaces ',
    'a < b && c > "d" @Anna Ruiz https://a.example',
  ])('%j comes out as it went in, and as nothing else', (body) => {
    expect(readDocument(makeDocument(schema, plain(body)))).toEqual({ body, html: null });
  });

  it('takes the line ends of other systems', () => {
    expect(readDocument(makeDocument(schema, plain('a\r\nb\rc'))).body).toBe('a\nb\nc');
  });

  it('is what is left of HTML without any formatting', () => {
    expect(again('<p>a<br>b</p><p>c</p>')).toEqual({ body: 'a\nb\n\nc', html: null });
    expect(again('<h1>Title</h1><table><tr><td>x</td></tr></table><img src="x">').html).toBeNull();
  });
});

describe('formatted text', () => {
  it.each([
    [
      '<p><strong>bold</strong>, <em>italic</em>, <s>gone</s>, <u>under</u>, <code>a &lt; b</code></p>',
      'bold, italic, gone, under, a < b',
    ],
    ['<p><strong>a<em>b</em></strong></p>', 'ab'],
    ['<p>a<br>b</p><p><strong>c</strong></p>', 'a\nb\n\nc'],
    ['<p><strong>a</strong></p><p><br>b</p>', 'a\n\n\nb'],
    [
      '<p>List:</p><ul><li>one</li><li>two<ul><li>in it</li></ul></li></ul><p>End</p>',
      'List:\n\n- one\n- two\n  - in it\n\nEnd',
    ],
    ['<ol start="3"><li>three</li><li>four</li></ol>', '3. three\n4. four'],
    ['<ul><li><p>a</p><p>b</p></li></ul>', '- a\n\n  b'],
    [
      '<blockquote><p>said<br>more</p><p>end</p></blockquote><p>answer</p>',
      '> said\n> more\n>\n> end\n\nanswer',
    ],
    ['<pre><code>if (a &lt; b) {\n\n  go();\n}</code></pre>', 'if (a < b) {\n\n  go();\n}'],
    ['<p>See <a href="https://a.example/?b=1&amp;c=2">this <strong>page</strong></a></p>', 'See this page'],
  ])('%s comes out as it went in', (html, body) => {
    expect(again(html)).toEqual({ body, html });
  });

  it('keeps no more than can be written', () => {
    const { html } = again(
      '<p style="color:red" class="x" onclick="a()"><strong id="y">a</strong><script>b()</script>' +
        '<a href="javascript:c()">d</a><img src="x" onerror="e()"></p><h2>f</h2>',
    );
    expect(html).toBe('<p><strong>a</strong>d<br>f</p>');
  });

  it('is nothing as long as it is empty', () => {
    expect(again('<ul><li></li></ul>')).toEqual({ body: '', html: null });
    expect(again('<blockquote><p> </p></blockquote>')).toEqual({ body: '', html: null });
  });
});

it('puts texts one after the other, and stays plain as long as both are', () => {
  expect(join(plain('a'), plain('b\nc'))).toEqual(plain('a\n\nb\nc'));
  expect(join(plain(' '), plain('b'))).toEqual(plain('b'));
  const bold = { body: 'b', html: '<p><strong>b</strong></p>' };
  expect(join(plain('a <'), bold)).toEqual({
    body: 'a <\n\nb',
    html: '<p>a &lt;</p><p><strong>b</strong></p>',
  });
});

it('is formatted still when something was added to it as plain text', () => {
  const base = { body: 'b', html: '<p><strong>b</strong></p>' };
  // As it is seen: what goes on in a line is in its paragraph.
  expect(writeOn(base, 'b and <c>').html).toBe('<p><strong>b</strong> and &lt;c&gt;</p>');
  expect(writeOn(base, 'b and\nc').html).toBe('<p><strong>b</strong> and</p><p>c</p>');
  expect(writeOn(base, 'not b').html).toBe('<p>not <strong>b</strong></p>');
  // Behind the last item of a list it is not seen whether it belongs to it.
  const list = { body: '- a', html: '<ul><li><p>a</p></li></ul>' };
  expect(writeOn(list, '- ab')).toEqual(plain('- ab'));
  expect(writeOn(list, 'x- a')).toEqual(plain('x- a'));
  expect(writeOn(base, 'a\nb').html).toBe('<p>a</p><p><strong>b</strong></p>');
  expect(writeOn(base, 'b')).toEqual(base);
  expect(writeOn(base, 'c')).toEqual(plain('c'));
  expect(writeOn(base, '')).toEqual(plain(''));
  expect(writeOn(plain('a'), 'ab')).toEqual(plain('ab'));
});

it('quotes what was said, formatted or not', () => {
  expect(quote(plain('Where\n\nis it?'))).toEqual({
    body: '> Where\n>\n> is it?',
    html: '<blockquote><p>Where</p><p>is it?</p></blockquote>',
  });
});

it.each([
  ['https://a.example/b', 'https://a.example/b'],
  [' a.example/b?c ', 'https://a.example/b?c'],
  ['a@b.example', 'mailto:a@b.example'],
  ['tel:+49301', 'tel:+49301'],
  ['javascript:alert(1)', null],
  ['data:text/html,x', null],
  ['two words', null],
  ['', null],
])('reads the address %j', (typed, address) => {
  expect(readAddress(typed)).toBe(address);
});
