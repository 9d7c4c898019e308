/** What somebody writes: its plain text, and as HTML where it is formatted. */
import { textToHtml } from '@flowbit/rich/text';

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

/**
 * A formatted text after it was written on as a plain one: what was added before or behind it stands beside it, and
 * only what was changed within it takes its formatting away.
 */
export function writeOn(base: Written, body: string): Written {
  const { html } = base;
  if (html === null || base.body.trim() === '' || body === base.body) return { body, html };
  if (body.startsWith(base.body)) return { body, html: html + textToHtml(body.slice(base.body.length)) };
  if (!body.endsWith(base.body)) return plain(body);
  return { body, html: textToHtml(body.slice(0, body.length - base.body.length)) + html };
}

/** What somebody has said, to be answered. */
export function quote(said: Written): Written {
  const lines = said.body.trim().split(/\r\n?|\n/);
  return {
    body: lines.map((line) => `> ${line}`.trimEnd()).join('\n'),
    html: `<blockquote>${htmlOf(said)}</blockquote>`,
  };
}
