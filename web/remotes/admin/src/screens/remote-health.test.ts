import { expect, it } from 'vitest';
import { checkManifest, isBroken, judge } from './remote-health';

const manifest = JSON.stringify({ name: 'admin', exposes: [{ path: './Users' }, { path: './Audit' }] });

function answering(body: string, status = 200): typeof fetch {
  return async () => new Response(body, { status });
}

/** A clock that is `step` later each time. */
function clock(step: number) {
  let time = 0;
  return () => {
    time += step;
    return time;
  };
}

it('measures and lists the modules', async () => {
  const report = await checkManifest('/m.json', { fetch: answering(manifest), now: clock(23) });
  expect(report).toMatchObject({ kind: 'answered', ms: 23, modules: ['./Users', './Audit'] });
  expect(judge(report, { module: './Users' })).toEqual({ state: 'ok', ms: 23 });
});

it('tells what is wrong', async () => {
  const now = clock(5);
  const refused = await checkManifest('/m.json', { fetch: answering('', 404), now });
  expect(judge(refused, { module: './Users' })).toEqual({ state: 'refused', status: 404 });
  const page = await checkManifest('/m.json', { fetch: answering('<html>'), now });
  expect(judge(page, { module: './Users' })).toEqual({ state: 'unreadable' });
  const other = await checkManifest('/m.json', { fetch: answering('{"a":1}'), now });
  expect(judge(other, { module: './Users' })).toEqual({ state: 'unreadable' });
  const down = await checkManifest('/m.json', { fetch: () => Promise.reject(new TypeError('down')), now });
  expect(judge(down, { module: './Users' })).toEqual({ state: 'unreachable' });
});

it('looks for the module and the pinned hash', () => {
  const report = { kind: 'answered', ms: 1200, modules: ['./Users'], hash: 'sha256-abc' } as const;
  const answered = { ...report, modules: [...report.modules] };
  expect(judge(answered, { module: './Gone' })).toEqual({ state: 'missingModule' });
  expect(judge(answered, { module: './Users', integrity: 'sha256-other' })).toEqual({ state: 'altered' });
  expect(judge(answered, { module: './Users', integrity: 'sha256-abc' })).toEqual({
    state: 'slow',
    ms: 1200,
  });
  expect(isBroken({ state: 'slow', ms: 1200 })).toBe(false);
  expect(isBroken({ state: 'altered' })).toBe(true);
});

it('passes on that it was called off', async () => {
  const controller = new AbortController();
  controller.abort();
  const fetch = () => Promise.reject(new DOMException('aborted', 'AbortError'));
  await expect(checkManifest('/m.json', { fetch, signal: controller.signal })).rejects.toThrow();
});
