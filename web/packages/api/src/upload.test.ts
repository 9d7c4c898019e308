import { beforeEach, expect, it, vi } from 'vitest';
import { createUpload } from './upload';

interface Given {
  status: number;
  body: string;
}

/** What was sent, and what each is answered with in turn; without an answer it hangs until it is broken off. */
const sent: { url: string; token: string | undefined }[] = [];
let answers: Given[] = [];

class FakeRequest extends EventTarget {
  upload = new EventTarget();
  status = 0;
  responseText = '';
  private url = '';
  private headers = new Map<string, string>();
  open(_method: string, url: string) {
    this.url = url;
  }
  setRequestHeader(name: string, value: string) {
    this.headers.set(name, value);
  }
  getResponseHeader(name: string) {
    return name === 'retry-after' ? '7' : null;
  }
  abort() {
    this.dispatchEvent(new Event('abort'));
  }
  send(bytes: Blob) {
    sent.push({ url: this.url, token: this.headers.get('Authorization') });
    this.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded: bytes.size }));
    const answer = answers.shift();
    if (!answer) return;
    this.status = answer.status;
    this.responseText = answer.body;
    queueMicrotask(() => this.dispatchEvent(new Event(answer.status === 0 ? 'error' : 'load')));
  }
}

function start(renewed: string | null = 'new') {
  return createUpload({
    tokens: { getToken: () => 'old', renewToken: async () => renewed },
    baseUrl: 'https://x',
  });
}

const FILE = new Blob(['bytes']);

beforeEach(() => {
  sent.length = 0;
  answers = [];
  vi.stubGlobal('XMLHttpRequest', FakeRequest);
  return () => vi.unstubAllGlobals();
});

it('sends the bytes with the token, tells the progress and gives the answer', async () => {
  answers = [{ status: 201, body: '{"id":"f1"}' }];
  const onProgress = vi.fn();
  expect(await start()('/api/attachments?name=a', FILE, { onProgress })).toEqual({ id: 'f1' });
  expect(onProgress).toHaveBeenCalledExactlyOnceWith(5);
  expect(sent).toEqual([{ url: 'https://x/api/attachments?name=a', token: 'Bearer old' }]);
});

it('renews the token once and sends the file again, but not for a session that is over', async () => {
  answers = [
    { status: 401, body: '' },
    { status: 201, body: '{}' },
  ];
  await start()('/f', FILE);
  expect(sent.map(({ token }) => token)).toEqual(['Bearer old', 'Bearer new']);

  answers = [{ status: 401, body: '{"code":"unauthorized","title":"no"}' }];
  await expect(start(null)('/f', FILE)).rejects.toMatchObject({ status: 401, code: 'unauthorized' });
  expect(sent).toHaveLength(3);
});

it('says what the server refused, and when it was not reached', async () => {
  answers = [
    { status: 409, body: '{"code":"quota_exceeded","title":"full"}' },
    { status: 0, body: '' },
  ];
  await expect(start()('/f', FILE)).rejects.toMatchObject({ code: 'quota_exceeded', retryAfter: 7 });
  await expect(start()('/f', FILE)).rejects.toMatchObject({ code: 'offline', status: 0 });
});

it('is broken off, before and while it is sent', async () => {
  const stop = new AbortController();
  const upload = start()('/f', FILE, { signal: stop.signal });
  stop.abort();
  await expect(upload).rejects.toBe(stop.signal.reason);
  await expect(start()('/f', FILE, { signal: stop.signal })).rejects.toBe(stop.signal.reason);
  expect(sent).toHaveLength(1);
});
