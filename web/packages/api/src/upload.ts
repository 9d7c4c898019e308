/**
 * Sending a file: with its progress, which `fetch` does not tell, and a way to break it off.
 */
import type { TokenSource } from './client';
import { type ApiError, errorFromNetwork, errorFromResponse } from './problem';

export interface UploadOptions {
  /** Breaks it off; the call then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** How many bytes are on their way. */
  onProgress?(sent: number): void;
}

/** Sends the bytes as they are; resolves to the answer's body, rejects with an {@link ApiError}. */
export type Upload = (path: string, bytes: Blob, options?: UploadOptions) => Promise<unknown>;

interface Answer {
  response: Response;
  body: unknown;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What the error is made from; the rest of the headers nobody asks for. */
const HEADERS = ['retry-after', 'x-request-id'];

function answerOf(request: XMLHttpRequest): Answer {
  const headers = new Headers();
  for (const name of HEADERS) {
    const value = request.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  return {
    response: new Response(null, { status: request.status, headers }),
    body: parse(request.responseText),
  };
}

function post(url: string, token: string | null, bytes: Blob, options: UploadOptions): Promise<Answer> {
  const { signal, onProgress } = options;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const settle = (run: () => void) => {
      signal?.removeEventListener('abort', abort);
      run();
    };
    request.open('POST', url);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    if (token !== null) request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.upload.addEventListener('progress', ({ loaded }) => onProgress?.(loaded));
    request.addEventListener('load', () => settle(() => resolve(answerOf(request))));
    request.addEventListener('error', () => settle(() => reject(networkError())));
    request.addEventListener('abort', () => settle(() => reject(signal?.reason ?? networkError())));
    signal?.addEventListener('abort', abort);
    request.send(bytes);
  });
}

function networkError(): ApiError {
  return errorFromNetwork(undefined);
}

/** With the token; on 401 it is renewed once and the file sent again. */
export function createUpload({ tokens, baseUrl = '' }: { tokens: TokenSource; baseUrl?: string }): Upload {
  return async (path, bytes, options = {}) => {
    options.signal?.throwIfAborted();
    const token = tokens.getToken();
    let answer = await post(`${baseUrl}${path}`, token, bytes, options);
    if (answer.response.status === 401) {
      const renewed = await tokens.renewToken(token);
      options.signal?.throwIfAborted();
      if (renewed !== null && renewed !== token) {
        answer = await post(`${baseUrl}${path}`, renewed, bytes, options);
      }
    }
    if (!answer.response.ok) throw errorFromResponse(answer.response, answer.body);
    return answer.body;
  };
}
