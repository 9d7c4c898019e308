/** What somebody writes: its plain text, and as HTML where it is formatted. */
import { escapeHtml, textToHtml } from '@flowbit/rich/text';

export interface Written {
  body: string;
  /** Null: it is plain text, and nothing else. */
  html: string | null;
}

export const NOTHING: Written = { body: '', html: null };

export function plain(body: string): Written {
  return { body, html: null };
}

export function isSame(a: Written, b: Written): boolean {
  return a.body === b.body && a.html === b.html;
}

export function htmlOf({ body, html }: Written): string {
  return html ?? textToHtml(body);
}

/** One after the other, with an empty line between. */
export function join(first: Written, second: Written): Written {
  if (first.body.trim() === '') return second;
  if (second.body.trim() === '') return first;
  return {
    body: `${first.body}\n\n${second.body}`,
    html: first.html === null && second.html === null ? null : htmlOf(first) + htmlOf(second),
  };
}

const BEGIN = '<p>';
const END = '</p>';

/**
 * A formatted text after it was written on as a plain one. What was added before or behind it goes into the paragraph
 * that it continues, and its other lines stand beside that. Where it can't be seen what it belongs to, what is seen is
 * what counts: plain text.
 */
export function writeOn(base: Written, body: string): Written {
  const { html } = base;
  if (html === null || base.body.trim() === '' || body === base.body) return { body, html };
  if (body.startsWith(base.body)) {
    const added = body.slice(base.body.length);
    const [first = '', ...rest] = added.split('\n');
    if (first === '') return { body, html: html + textToHtml(rest.join('\n')) };
    if (!html.endsWith(END)) return plain(body);
    const inner = html.slice(0, -END.length);
    return { body, html: inner + escapeHtml(first) + END + textToHtml(rest.join('\n')) };
  }
  if (!body.endsWith(base.body)) return plain(body);
  const lines = body.slice(0, body.length - base.body.length).split('\n');
  const last = lines.pop() ?? '';
  if (last === '') return { body, html: textToHtml(lines.join('\n')) + html };
  if (!html.startsWith(BEGIN)) return plain(body);
  return { body, html: textToHtml(lines.join('\n')) + BEGIN + escapeHtml(last) + html.slice(BEGIN.length) };
}

/** What somebody has said, to be answered. */
export function quote(said: Written): Written {
  const lines = said.body.trim().split(/\r\n?|\n/);
  return {
    body: lines.map((line) => `> ${line}`.trimEnd()).join('\n'),
    html: `<blockquote>${htmlOf(said)}</blockquote>`,
  };
}
