import { expect, it } from 'vitest';
import { droppedFiles, namedFiles, pastedFiles } from './picked-files';

const NOW = new Date(2026, 10, 28, 7, 5, 9);

function transfer(files: File[], text = '', folders: string[] = []): DataTransfer {
  const items = files.map(({ name }) => ({
    kind: 'file',
    webkitGetAsEntry: () => ({ name, isDirectory: folders.includes(name) }),
  }));
  return { files, items, types: ['Files'], getData: () => text } as unknown as DataTransfer;
}

it('names pictures that were pasted without a name, each otherwise', () => {
  const picture = () => new File(['x'], 'image.png', { type: 'image/png' });
  const named = new File(['x'], 'plan.jpg', { type: 'image/jpeg' });
  const photo = new File(['x'], '', { type: 'image/jpeg' });
  expect(pastedFiles(transfer([picture(), named, photo]), NOW).map(({ name }) => name)).toEqual([
    'image-2026-11-28-070509.png',
    'plan.jpg',
    'image-2026-11-28-070509-2.jpg',
  ]);
});

it('leaves what is pasted with a text to the text', () => {
  const picture = new File(['x'], 'image.png', { type: 'image/png' });
  expect(pastedFiles(transfer([picture], 'a\tb'), NOW)).toEqual([]);
  expect(pastedFiles(null, NOW)).toEqual([]);
});

it('makes names of paths and of control characters', () => {
  const named = namedFiles([new File([], 'a\\b\u0007.txt'), new File([], ' ')]);
  expect(named.map(({ name }) => name)).toEqual(['a_b_.txt', 'file']);
});

it('refuses folders and takes the files beside them', () => {
  const files = [new File(['x'], 'a.txt'), new File([], 'photos')];
  expect(
    droppedFiles(transfer(files, '', ['photos'])).map(({ name, refusal }) => [name, refusal?.code]),
  ).toEqual([
    ['a.txt', undefined],
    ['photos', 'folder'],
  ]);
});
