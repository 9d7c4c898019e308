import { createClient } from '@flowbit/api';
import { expect, it } from 'vitest';
import { exportAudit, fileNameFor } from './export-audit';

function clientAnswering(pieces: string[], breaks = false) {
  const asked: string[] = [];
  const client = createClient({
    baseUrl: 'http://desk.example',
    tokens: { getToken: () => 'token', renewToken: async () => null },
    fetch: async (input) => {
      asked.push((input as Request).url);
      const encoder = new TextEncoder();
      const queue = [...pieces];
      const body = new ReadableStream({
        pull(controller) {
          const piece = queue.shift();
          if (piece !== undefined) controller.enqueue(encoder.encode(piece));
          else if (breaks) controller.error(new TypeError('broke off'));
          else controller.close();
        },
      });
      return new Response(body, { headers: { 'Content-Type': 'application/x-ndjson' } });
    },
  });
  return { client, asked };
}

it('reads all pieces and tells how far it is', async () => {
  const { client, asked } = clientAnswering(['{"seq":1}\n', '{"seq":2}\n']);
  const seen: number[] = [];
  const blob = await exportAudit({
    client,
    filter: { action: 'auth.login' },
    format: 'ndjson',
    signal: new AbortController().signal,
    onProgress: (bytes) => seen.push(bytes),
  });
  expect(await blob.text()).toBe('{"seq":1}\n{"seq":2}\n');
  expect(seen).toEqual([10, 20]);
  expect(asked[0]).toContain('action=auth.login&format=ndjson');
});

it('gives no file when the answer broke off', async () => {
  const { client } = clientAnswering(['{"seq":1}\n'], true);
  const signal = new AbortController().signal;
  const work = exportAudit({ client, filter: {}, format: 'csv', signal, onProgress: () => {} });
  await expect(work).rejects.toMatchObject({ code: 'offline' });
});

it('names a part as a part', () => {
  const now = new Date('2026-11-23T09:00:00Z');
  expect(fileNameFor('logisticsco', {}, 'ndjson', now)).toBe('audit-logisticsco-2026-11-23.ndjson');
  expect(fileNameFor('logisticsco', { action: 'auth.login' }, 'csv', now)).toBe(
    'audit-logisticsco-filtered-2026-11-23.csv',
  );
});
