/**
 * Formatted text. It is cleaned, and then drawn element by element from a short list: no HTML is ever put into the
 * page as it came. What cleans it is loaded with the first text that needs it; its plain text stands there until then.
 */
import { createElement, Fragment, type ReactNode, useEffect, useMemo, useState } from 'react';
import classes from './rich-text.module.css';

/** Draws a piece of text, e.g. with names marked. `isLink`: it stands in a link, and can hold none. */
export type RenderText = (text: string, isLink: boolean) => ReactNode;

type Sanitise = typeof import('./sanitise').sanitise;

let sanitise: Sanitise | null = null;

function useSanitise(): Sanitise | null {
  const [known, setKnown] = useState<{ run: Sanitise } | null>(sanitise && { run: sanitise });
  useEffect(() => {
    if (known) return;
    let isHere = true;
    import('./sanitise').then(
      (program) => {
        sanitise = program.sanitise;
        if (isHere) setKnown({ run: program.sanitise });
      },
      // The plain text stays.
      () => {},
    );
    return () => {
      isHere = false;
    };
  }, [known]);
  return known?.run ?? null;
}

const PLAIN = new Set(['P', 'STRONG', 'EM', 'S', 'U', 'CODE', 'PRE', 'BLOCKQUOTE', 'UL', 'LI']);

function renderNodes(parent: ParentNode, renderText: RenderText, within: ReadonlySet<string>): ReactNode[] {
  return [...parent.childNodes].map((node, key) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.textContent ?? '';
      // Code is shown as it is.
      const said = within.has('CODE') || within.has('PRE') ? text : renderText(text, within.has('A'));
      // biome-ignore lint/suspicious/noArrayIndexKey: the text does not change in place
      return <Fragment key={key}>{said}</Fragment>;
    }
    if (!(node instanceof Element)) return null;
    const { tagName } = node;
    const children = renderNodes(node, renderText, new Set([...within, tagName]));
    // biome-ignore lint/suspicious/noArrayIndexKey: the text does not change in place
    if (tagName === 'BR') return <br key={key} />;
    if (tagName === 'A') {
      const href = node.getAttribute('href');
      // biome-ignore lint/suspicious/noArrayIndexKey: the text does not change in place
      if (href === null) return <Fragment key={key}>{children}</Fragment>;
      return (
        // biome-ignore lint/suspicious/noArrayIndexKey: the text does not change in place
        <a key={key} href={href} target="_blank" rel="noopener noreferrer nofollow">
          {children}
        </a>
      );
    }
    if (tagName === 'OL') {
      const start = Number.parseInt(node.getAttribute('start') ?? '', 10);
      return createElement('ol', { key, ...(Number.isSafeInteger(start) ? { start } : {}) }, children);
    }
    if (PLAIN.has(tagName)) return createElement(tagName.toLowerCase(), { key }, children);
    // biome-ignore lint/suspicious/noArrayIndexKey: the text does not change in place
    return <Fragment key={key}>{children}</Fragment>;
  });
}

export interface RichTextProps {
  html: string;
  renderText: RenderText;
  /** The plain text, as it is shown where nothing is formatted. */
  children: ReactNode;
}

const NOTHING: ReadonlySet<string> = new Set();

export function RichText({ html, renderText, children }: RichTextProps) {
  const run = useSanitise();
  const clean = useMemo(() => run?.(html), [run, html]);
  if (!clean) return children;
  return (
    <div className={classes.rich} dir="auto">
      {renderNodes(clean, renderText, NOTHING)}
    </div>
  );
}
