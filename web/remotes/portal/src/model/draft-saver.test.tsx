import { type ApiClient, ApiError } from '@flowbit/api';
import { type ScreenProps, ScreenPropsContext } from '@flowbit/contract';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { emptyAnswer } from './answer-draft';
import { type ServerDraft, useServerDraft } from './server-draft';

let cleanUp = () => {};

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.useFakeTimers();
});
afterEach(() => {
  cleanUp();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  localStorage.clear();
});

const offline = new ApiError({ status: 0, code: 'offline', message: '' });
const tooLarge = new ApiError({ status: 422, code: 'validation_failed', message: '' });
const take = () => {};
const LIVE = { kind: 'live' } as const;
const EMPTY = emptyAnswer();

function Box({ body, onDraw }: { body: string; onDraw(draft: ServerDraft): void }) {
  onDraw(useServerDraft('t1', { ...EMPTY, body }, take));
  return null;
}

/** The box of an answer at a server that has nothing yet. */
async function mount() {
  const answer = { data: { items: [] }, response: new Response() };
  const get = vi.fn().mockResolvedValue(answer);
  const put = vi.fn().mockResolvedValue(answer);
  const screen = {
    client: { GET: get, PUT: put } as unknown as ApiClient,
    user: { id: 'u1', customerId: 'c1' },
    events: { getState: () => LIVE, onStateChange: () => () => {} },
  } as unknown as ScreenProps;
  const root = createRoot(document.createElement('div'));
  let server: ServerDraft | undefined;
  const onDraw = (draft: ServerDraft) => {
    server = draft;
  };
  const type = (body: string) =>
    act(async () => {
      root.render(
        <ScreenPropsContext value={screen}>
          <Box body={body} onDraw={onDraw} />
        </ScreenPropsContext>,
      );
    });
  const leave = () => act(async () => root.unmount());
  cleanUp = () => act(() => root.unmount());
  return {
    get,
    put,
    type,
    leave,
    saved: () => put.mock.calls.map(([, { body }]) => body.body as string),
    isSaved: () => server?.isSaved,
    send: (wasSent: boolean) => {
      server?.hold();
      return act(async () => server?.release(wasSent));
    },
  };
}

const pass = (milliseconds: number) => act(() => vi.advanceTimersByTimeAsync(milliseconds));

it('saves when the hand rests', async () => {
  const box = await mount();
  await box.type('');
  await box.type('Hel');
  await pass(1_000);
  await box.type('Hello');
  await pass(1_000);
  expect(box.saved()).toEqual([]);
  await pass(300);
  expect(box.saved()).toEqual(['Hello']);
  expect(box.isSaved()).toBe(true);
});

it('tries again what could not be saved, with nobody typing', async () => {
  const box = await mount();
  await box.type('');
  box.put.mockRejectedValueOnce(offline).mockRejectedValueOnce(offline);
  await box.type('Hello');
  await pass(1_300);
  expect(box.saved()).toEqual(['Hello']);
  expect(box.isSaved()).toBe(false);
  await pass(5_000);
  expect(box.saved()).toHaveLength(2);
  await pass(10_000);
  expect(box.saved()).toEqual(['Hello', 'Hello', 'Hello']);
  expect(box.isSaved()).toBe(true);
  await pass(120_000);
  expect(box.saved()).toHaveLength(3);
});

it('saves once more what could not be saved, when one leaves', async () => {
  const box = await mount();
  await box.type('');
  box.put.mockRejectedValueOnce(offline);
  await box.type('Hello');
  await pass(1_300);
  await box.leave();
  expect(box.saved()).toEqual(['Hello', 'Hello']);
  expect(box.put.mock.lastCall?.[1]).toMatchObject({ keepalive: true });
});

it('does not send again what was refused, until it is another text', async () => {
  const box = await mount();
  await box.type('');
  box.put.mockRejectedValueOnce(tooLarge);
  await box.type('Hello');
  await pass(120_000);
  expect(box.saved()).toEqual(['Hello']);
  await box.type('Hi');
  await pass(5_000);
  expect(box.saved()).toEqual(['Hello', 'Hi']);
});

it('asks again what the server has, and saves nothing over it before', async () => {
  const box = await mount();
  box.get.mockRejectedValueOnce(offline);
  await box.type('Hello');
  await pass(2_000);
  expect(box.saved()).toEqual([]);
  await pass(1_500);
  await pass(1_500);
  expect(box.get).toHaveBeenCalledTimes(2);
  expect(box.saved()).toEqual(['Hello']);
});

it('removes what was on its way when the answer went out', async () => {
  const box = await mount();
  await box.type('');
  let arrive = () => {};
  const answer = { data: { items: [] }, response: new Response() };
  box.put.mockImplementationOnce(() => new Promise((resolve) => (arrive = () => resolve(answer))));
  await box.type('Hello');
  await pass(1_300);
  await box.send(true);
  await box.type('');
  expect(box.saved()).toEqual(['Hello']);
  await act(async () => arrive());
  expect(box.saved()).toEqual(['Hello', '']);
});
