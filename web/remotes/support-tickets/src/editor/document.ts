/**
 * Between a document of the editor and what is sent of it.
 *
 * In the editor each line is a paragraph, as Enter makes one. In HTML the lines between two empty ones are one
 * paragraph with breaks, so that it means the same wherever it is read.
 */
import { escapeHtml, linesToHtml } from '@flowbit/rich/text';
import { DOMParser, type Mark, type Node, type Schema } from '@tiptap/pm/model';
import { NOTHING, plain, type Written } from './written';

const TAGS: Readonly<Record<string, string>> = {
  bold: 'strong',
  italic: 'em',
  strike: 's',
  underline: 'u',
  code: 'code',
};

function openTag({ type, attrs }: Mark): string {
  return type.name === 'link' ? `<a href="${escapeHtml(String(attrs.href))}">` : `<${TAGS[type.name]}>`;
}

function closeTag({ type }: Mark): string {
  return type.name === 'link' ? '</a>' : `</${TAGS[type.name]}>`;
}

function inlineHtml(parent: Node): string {
  let html = '';
  let open: readonly Mark[] = [];
  function reach(wanted: readonly Mark[]) {
    let shared = 0;
    while (shared < open.length && wanted[shared] && open[shared]?.eq(wanted[shared] as Mark)) shared += 1;
    html += open.slice(shared).toReversed().map(closeTag).join('');
    html += wanted.slice(shared).map(openTag).join('');
    open = wanted;
  }
  parent.forEach((node) => {
    reach(node.marks);
    html += node.type.name === 'hardBreak' ? '<br>' : escapeHtml(node.text ?? '');
  });
  reach([]);
  return html;
}

/** The lines of paragraphs that follow each other, and what stands between those, in turn. */
function walk<Out>(parent: Node, lines: (run: Node[]) => Out, block: (node: Node) => Out): Out[] {
  const out: Out[] = [];
  let run: Node[] = [];
  function close() {
    if (run.length > 0) out.push(lines(run));
    run = [];
  }
  parent.forEach((node) => {
    if (node.type.name === 'paragraph') {
      run.push(node);
      return;
    }
    close();
    out.push(block(node));
  });
  close();
  return out;
}

function itemHtml(item: Node): string {
  const html = blocksHtml(item);
  // An item of one paragraph needs none.
  const [, first, rest] = /^<p>(.*?)<\/p>(.*)$/s.exec(html) ?? [];
  return `<li>${first !== undefined && rest !== undefined && !rest.includes('<p>') ? first + rest : html}</li>`;
}

function itemsHtml(list: Node): string {
  const items: string[] = [];
  list.forEach((item) => {
    items.push(itemHtml(item));
  });
  return items.join('');
}

function blockHtml(node: Node): string {
  switch (node.type.name) {
    case 'codeBlock':
      return `<pre><code>${escapeHtml(node.textContent)}</code></pre>`;
    case 'blockquote':
      return `<blockquote>${blocksHtml(node)}</blockquote>`;
    case 'bulletList':
      return `<ul>${itemsHtml(node)}</ul>`;
    case 'orderedList': {
      const start = Number(node.attrs.start ?? 1);
      return `<ol${start === 1 ? '' : ` start="${start}"`}>${itemsHtml(node)}</ol>`;
    }
    default:
      return '';
  }
}

function blocksHtml(parent: Node): string {
  return walk(parent, (run) => linesToHtml(run.map(inlineHtml)), blockHtml).join('');
}

function lineText(node: Node): string {
  return node.textBetween(0, node.content.size, undefined, (leaf) =>
    leaf.type.name === 'hardBreak' ? '\n' : '',
  );
}

/** All lines but the first begin with `indent`, that one with `mark`. */
function marked(text: string, mark: string, indent: string): string {
  return text
    .split('\n')
    .map((line, index) => `${index === 0 ? mark : indent}${line}`.trimEnd())
    .join('\n');
}

function blockText(node: Node): string {
  const { name } = node.type;
  if (name === 'codeBlock') return node.textContent;
  if (name === 'blockquote') return marked(blocksText(node), '> ', '> ');
  const items: string[] = [];
  node.forEach((item, _, index) => {
    const mark = name === 'orderedList' ? `${Number(node.attrs.start ?? 1) + index}. ` : '- ';
    items.push(marked(blocksText(item, '\n'), mark, ' '.repeat(mark.length)));
  });
  return items.join('\n');
}

function blocksText(parent: Node, gap = '\n\n'): string {
  const isAlone = parent.childCount === 0 || !hasBlocks(parent);
  return walk(
    parent,
    (run) => {
      const text = run.map(lineText).join('\n');
      return isAlone ? text : text.replace(/^\n+|\n+$/g, '');
    },
    blockText,
  )
    .filter((text) => isAlone || text !== '')
    .join(gap);
}

function hasBlocks(parent: Node): boolean {
  let has = false;
  parent.forEach((node) => {
    has ||= node.type.name !== 'paragraph';
  });
  return has;
}

function isFormatted(doc: Node): boolean {
  if (hasBlocks(doc)) return true;
  let is = false;
  doc.descendants((node) => {
    is ||= node.marks.length > 0;
    return !is;
  });
  return is;
}

export function readDocument(doc: Node): Written {
  if (!isFormatted(doc)) return plain(blocksText(doc));
  if (doc.textContent.trim() === '') return NOTHING;
  return { body: blocksText(doc), html: blocksHtml(doc) };
}

/** Lines as paragraphs, as they stand in the editor. */
export function linesOf(schema: Schema, text: string): Node[] {
  return text
    .split(/\r\n?|\n/)
    .map((line) => schema.node('paragraph', null, line === '' ? [] : [schema.text(line)]));
}

/** In HTML that is in no page: each line a paragraph of its own, and an empty one between two paragraphs. */
export function partLines(root: ParentNode): void {
  for (const paragraph of [...root.querySelectorAll('p')]) {
    const { ownerDocument } = paragraph;
    if (paragraph.previousElementSibling?.tagName === 'P') {
      paragraph.before(ownerDocument.createElement('p'));
    }
    for (const child of [...paragraph.childNodes]) {
      if (child.nodeName !== 'BR') continue;
      const line = ownerDocument.createElement('p');
      while (paragraph.firstChild && paragraph.firstChild !== child) line.append(paragraph.firstChild);
      paragraph.before(line);
      child.remove();
    }
  }
}

export function makeDocument(schema: Schema, { body, html }: Written): Node {
  if (html === null) return schema.node('doc', null, linesOf(schema, body));
  // In a document of its own nothing of it is run or loaded.
  const page = new globalThis.DOMParser().parseFromString(html, 'text/html');
  partLines(page.body);
  const doc = DOMParser.fromSchema(schema).parse(page.body, { preserveWhitespace: true });
  // Behind a quote or code one goes on writing.
  const last = doc.lastChild?.type.name;
  if (last !== 'blockquote' && last !== 'codeBlock') return doc;
  return doc.copy(doc.content.addToEnd(schema.node('paragraph')));
}
