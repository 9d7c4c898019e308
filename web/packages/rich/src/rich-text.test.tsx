// @vitest-environment jsdom
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type RenderText, RichText } from './rich-text';

let box: HTMLDivElement;
let root: Root;

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  box = document.createElement('div');
  document.body.append(box);
  root = createRoot(box);
});

afterEach(() => {
  act(() => root.unmount());
  box.remove();
  vi.unstubAllGlobals();
});

const loud: RenderText = (text, isLink) => (isLink ? text : <mark>{text}</mark>);

async function show(html: string): Promise<void> {
  act(() =>
    root.render(
      <RichText html={html} renderText={loud}>
        as plain text
      </RichText>,
    ),
  );
  await act(async () => {
    await import('./sanitise');
  });
}

it('stands as plain text until what cleans it is here', async () => {
  act(() =>
    root.render(
      <RichText html="<p><strong>a</strong></p>" renderText={loud}>
        as plain text
      </RichText>,
    ),
  );
  expect(box.textContent).toBe('as plain text');
  await act(async () => {
    await import('./sanitise');
  });
  expect(box.querySelector('strong')?.textContent).toBe('a');
});

it('draws what may be drawn, and marks words wherever they are not code or a link', async () => {
  await show(
    '<p>a <strong>b</strong><br><code>c</code> <a href="https://a.example">d</a></p>' +
      '<ol start="4"><li>e</li></ol><pre><code>f</code></pre>',
  );
  expect([...box.querySelectorAll('mark')].map(({ textContent }) => textContent)).toEqual([
    'a ',
    'b',
    ' ',
    'e',
  ]);
  expect(box.querySelector('ol')?.getAttribute('start')).toBe('4');
  const link = box.querySelector('a');
  expect([link?.getAttribute('href'), link?.rel, link?.target]).toEqual([
    'https://a.example',
    'noopener noreferrer nofollow',
    '_blank',
  ]);
});

it('draws nothing else', async () => {
  await show(
    '<p onclick="a()" style="color:red">a<img src="x" onerror="b()"><script>c()</script></p>' +
      '<a href="javascript:d()">e</a><table><tr><td>f</td></tr></table>',
  );
  expect(box.querySelectorAll('img, script, a, table, td, [onclick], [style]')).toHaveLength(0);
  expect(box.textContent).toBe('aef');
});
