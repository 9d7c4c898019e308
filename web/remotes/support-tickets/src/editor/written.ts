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

/** What somebody has said, to be answered. */
export function quote(said: Written): Written {
  const lines = said.body.trim().split(/\r\n?|\n/);
  return {
    body: lines.map((line) => `> ${line}`.trimEnd()).join('\n'),
    html: `<blockquote>${htmlOf(said)}</blockquote>`,
  };
}
