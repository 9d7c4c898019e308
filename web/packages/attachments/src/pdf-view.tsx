/**
 * A PDF, page under page. Drawn by a program of ours from the bytes: the file can run nothing and load nothing.
 */
import { defineMessages, useIntersection, useMessages, VisuallyHidden } from '@flowbit/ui';
import {
  GlobalWorkerOptions,
  getDocument,
  type PDFDocumentProxy,
  type PDFPageProxy,
  RenderingCancelledException,
} from 'pdfjs-dist';
import { useEffect, useRef, useState } from 'react';
import classes from './pdf-view.module.css';

// Of our own origin, as the page's policy wants it.
GlobalWorkerOptions.workerSrc = new URL('pdfjs-dist/build/pdf.worker.min.mjs', import.meta.url).href;

const words = defineMessages({
  en: {
    document: 'Document',
    page: (at: number, count: number) => `Page ${at} of ${count}`,
    loading: 'Loading',
  },
  de: {
    document: 'Dokument',
    page: (at: number, count: number) => `Seite ${at} von ${count}`,
    loading: 'Wird geladen',
  },
});

/** Finer than this nobody sees, and memory is dear. */
const DENSITY_MAX = 2;

interface Opened {
  pdf: PDFDocumentProxy;
  /** Width by height of the first page: room for those that are not read yet. */
  ratio: number;
}

export interface PdfViewProps {
  bytes: Blob;
  /** It can't be read. */
  onBroken(): void;
}

export function PdfView({ bytes, onBroken }: PdfViewProps) {
  const text = useMessages(words);
  const [opened, setOpened] = useState<Opened | null>(null);
  const scroll = useRef<HTMLElement>(null);
  const latest = useRef(onBroken);
  useEffect(() => {
    latest.current = onBroken;
  });

  useEffect(() => {
    let isGone = false;
    let close: (() => Promise<void>) | null = null;
    async function open() {
      const data = new Uint8Array(await bytes.arrayBuffer());
      if (isGone) return;
      // The page's policy runs no WebAssembly.
      const task = getDocument({ data, useWasm: false });
      close = () => task.destroy();
      const pdf = await task.promise;
      const { width, height } = (await pdf.getPage(1)).getViewport({ scale: 1 });
      if (!isGone) setOpened({ pdf, ratio: width / height });
    }
    open().catch(() => {
      if (!isGone) latest.current();
    });
    return () => {
      isGone = true;
      setOpened(null);
      void close?.();
    };
  }, [bytes]);

  return (
    <section
      ref={scroll}
      className={classes.root}
      aria-label={text.document}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      {opened === null ? (
        <VisuallyHidden role="status">{text.loading}</VisuallyHidden>
      ) : (
        Array.from({ length: opened.pdf.numPages }, (_, index) => index + 1).map((number) => (
          <PdfPage
            key={number}
            pdf={opened.pdf}
            number={number}
            ratio={opened.ratio}
            label={text.page(number, opened.pdf.numPages)}
          />
        ))
      )}
    </section>
  );
}

interface PdfPageProps {
  pdf: PDFDocumentProxy;
  number: number;
  ratio: number;
  label: string;
}

/** Draws the page once it is nearly in view. */
function PdfPage({ pdf, number, ratio, label }: PdfPageProps) {
  const { ref, entry } = useIntersection({ rootMargin: '400px' });
  const [wasSeen, setSeen] = useState(false);
  if (entry?.isIntersecting && !wasSeen) setSeen(true);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [shape, setShape] = useState(ratio);
  const [said, setSaid] = useState('');

  useEffect(() => {
    if (!wasSeen) return;
    let isGone = false;
    let stop: (() => void) | null = null;
    async function draw() {
      const page: PDFPageProxy = await pdf.getPage(number);
      const area = canvas.current;
      if (isGone || area === null) return;
      const plain = page.getViewport({ scale: 1 });
      setShape(plain.width / plain.height);
      const density = Math.min(DENSITY_MAX, window.devicePixelRatio);
      const viewport = page.getViewport({ scale: (area.clientWidth * density) / plain.width });
      area.width = Math.round(viewport.width);
      area.height = Math.round(viewport.height);
      const task = page.render({ canvas: area, viewport });
      stop = () => task.cancel();
      await task.promise;
      const { items } = await page.getTextContent();
      if (!isGone) setSaid(items.map((item) => ('str' in item ? item.str : '')).join(' '));
    }
    draw().catch((error: unknown) => {
      if (!isGone && !(error instanceof RenderingCancelledException)) console.warn(error);
    });
    return () => {
      isGone = true;
      stop?.();
    };
  }, [pdf, number, wasSeen]);

  return (
    <div ref={ref} className={classes.page} style={{ aspectRatio: shape }}>
      <canvas ref={canvas} className={classes.canvas} role="img" aria-label={label} />
      <VisuallyHidden>{said}</VisuallyHidden>
    </div>
  );
}
