import { expect, it } from 'vitest';
import { readKeptFiles } from './use-uploads';

const NOW = Date.parse('2026-11-28T12:00:00Z');

function fileOf(id: string, days: number) {
  return {
    id,
    name: `${id}.txt`,
    mediaType: 'text/plain',
    size: 1,
    createdAt: new Date(NOW - days * 86_400_000).toISOString(),
  };
}

it('remembers what the server still has, and nothing else', () => {
  const kept = [fileOf('fresh', 0), fileOf('old', 6.4), fileOf('gone', 6.6), null, { id: 1 }, 'text'];
  expect(readKeptFiles(kept, NOW).map(({ id }) => id)).toEqual(['fresh', 'old']);
  expect(readKeptFiles({}, NOW)).toEqual([]);
  expect(readKeptFiles(null, NOW)).toEqual([]);
});
