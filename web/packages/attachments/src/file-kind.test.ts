import { expect, it } from 'vitest';
import { iconOf, previewOf } from './file-kind';

it('shows pictures and PDF, and never what could run something', () => {
  for (const mediaType of ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']) {
    expect(previewOf({ mediaType }), mediaType).toBe('image');
  }
  expect(previewOf({ mediaType: 'application/pdf' })).toBe('pdf');
  for (const mediaType of [
    'image/svg+xml',
    'text/html',
    'text/html; charset=utf-8',
    'text/xml',
    'text/plain',
  ]) {
    expect(previewOf({ mediaType }), mediaType).toBeNull();
  }
});

it('has an icon for each kind', () => {
  expect(iconOf('image/svg+xml')).toBe('photo');
  expect(iconOf('text/csv')).toBe('file-sheet');
  expect(iconOf('text/plain; charset=utf-8')).toBe('file');
  expect(iconOf('application/vnd.openxmlformats-officedocument.wordprocessingml.document')).toBe('file');
  expect(iconOf('application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')).toBe('file-sheet');
  expect(iconOf('application/zip')).toBe('file-zip');
  expect(iconOf('application/octet-stream')).toBe('file-plain');
});
