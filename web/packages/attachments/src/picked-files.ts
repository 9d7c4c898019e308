/** Files as they come from the picker, from a drop or from the clipboard, each with the name it is to have. */
import type { NamedFile } from './upload-queue';

/** What browsers call a picture that was copied and has no name. */
const NAMELESS = /^(image\.\w+)?$/;

function two(value: number): string {
  return `${value}`.padStart(2, '0');
}

/** `image-2026-11-28-173012.png` */
function nameOfPicture(type: string, at: Date, index: number): string {
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join('');
  const ending = /^image\/(\w+)/.exec(type)?.[1]?.replace('jpeg', 'jpg') ?? 'bin';
  return `image-${day}-${time}${index === 0 ? '' : `-${index + 1}`}.${ending}`;
}

/** The server takes no paths and no control characters for names. */
function cleanName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return name.replace(/[/\\\u0000-\u001f\u007f-\u009f]/g, '_').trim();
}

export function namedFiles(files: Iterable<File>): NamedFile[] {
  return [...files].map((file) => ({ name: cleanName(file.name) || 'file', file }));
}

/** What was pasted. Text goes first: a table that is copied brings a picture of itself along. */
export function pastedFiles(data: DataTransfer | null, now = new Date()): NamedFile[] {
  if (data === null || data.files.length === 0 || data.getData('text/plain') !== '') return [];
  let nameless = 0;
  return [...data.files].map((file) => {
    if (!NAMELESS.test(file.name)) return { name: cleanName(file.name), file };
    const name = nameOfPicture(file.type, now, nameless);
    nameless += 1;
    return { name, file };
  });
}

export function holdsFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false;
}

/** What was dropped. A folder is no file: its place says so. */
export function droppedFiles(data: DataTransfer | null): NamedFile[] {
  if (data === null) return [];
  const folders = new Set<string>();
  for (const item of data.items ?? []) {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry?.() : null;
    if (entry?.isDirectory) folders.add(entry.name);
  }
  return namedFiles(data.files).map((named) =>
    folders.has(named.name) ? { ...named, refusal: { code: 'folder' } } : named,
  );
}
