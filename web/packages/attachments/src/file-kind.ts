/** What a file is, by what the server has found it to be: its icon, and whether it can be shown. */
import type { Attachment } from '@flowbit/api';
import type { IconName } from '@flowbit/ui';

/** Pictures that every browser draws, and that can run nothing. */
const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

const ICONS: [RegExp, IconName][] = [
  [/^image\//, 'photo'],
  [/^application\/pdf$/, 'file-pdf'],
  [/spreadsheet|ms-excel|^text\/csv/, 'file-sheet'],
  [/zip|gzip|x-tar|x-7z|x-rar|zstd/, 'file-zip'],
  [/^message\/|outlook/, 'mail'],
  [/^text\/|word|opendocument\.text|rtf/, 'file'],
];

/** Without its parameters: `text/plain` of `text/plain; charset=utf-8`. */
function essenceOf(mediaType: string): string {
  return (mediaType.split(';')[0] ?? '').trim().toLowerCase();
}

export function iconOf(mediaType: string): IconName {
  const essence = essenceOf(mediaType);
  return ICONS.find(([pattern]) => pattern.test(essence))?.[1] ?? 'file-plain';
}

export type PreviewKind = 'image' | 'pdf';

/** How it can be shown; null: it is only saved. */
export function previewOf({ mediaType }: Pick<Attachment, 'mediaType'>): PreviewKind | null {
  const essence = essenceOf(mediaType);
  if (IMAGES.has(essence)) return 'image';
  return essence === 'application/pdf' ? 'pdf' : null;
}
