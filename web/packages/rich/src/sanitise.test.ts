// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { sanitise } from './sanitise';

function clean(html: string): string {
  const box = document.createElement('div');
  box.append(sanitise(html));
  return box.innerHTML;
}

describe('formatted text that is let into the page', () => {
  it('keeps what can be written', () => {
    const html =
      '<p><strong>a</strong><br><em>b</em><s>c</s><u>d</u></p><ol start="3"><li>e<ul><li>f</li></ul></li></ol>' +
      '<blockquote><p>g</p></blockquote><pre><code>h &lt; i</code></pre>';
    expect(clean(html)).toBe(html);
  });

  it.each([
    ['<script>alert(1)</script>a', 'a'],
    ['<p onclick="alert(1)" style="color:red" class="x" id="y" data-z="1">a</p>', '<p>a</p>'],
    ['<img src="x" onerror="alert(1)">a', 'a'],
    ['<svg onload="alert(1)"></svg>a', 'a'],
    ['<iframe src="https://a.example"></iframe>a', 'a'],
    ['<style>p { color: red }</style>a', 'a'],
    ['<h1>a</h1>', 'a'],
    ['<form action="https://a.example"><button>a</button></form>', 'a'],
  ])('%s becomes %s', (html, harmless) => {
    expect(clean(html)).toBe(harmless);
  });

  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,a',
    'vbscript:a',
    '//a.example',
    '/api',
    'https:api',
  ])('makes no link to %j', (href) => {
    const box = document.createElement('div');
    const link = document.createElement('a');
    link.setAttribute('href', href);
    link.textContent = 'a';
    box.append(link);
    expect(clean(box.innerHTML)).not.toContain('href');
  });

  it.each(['https://a.example/b?c', 'http://a.example', 'mailto:a@b.example', 'tel:+49301'])(
    'leads to %s in a window of its own that knows nothing of this one',
    (href) => {
      const link = sanitise(`<a href="${href}" target="_self" rel="opener">a</a>`).querySelector('a');
      expect(link?.getAttribute('href')).toBe(href);
      expect(link?.getAttribute('target')).toBe('_blank');
      expect(link?.getAttribute('rel')).toBe('noopener noreferrer nofollow');
    },
  );
});
