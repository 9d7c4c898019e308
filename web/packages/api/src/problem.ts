/** Refusals of the server as one typed error. */
import type { Problem } from './models';

/** A call that did not succeed: refused by the server, or never answered by it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /**
   * Stable, e.g. `not_found`, `conflict`, `validation_failed`, `rate_limited`. The client's own are
   * `offline`, where no answer came, and `bad_response` for a refusal that gives no code.
   */
  readonly code: string;
  readonly requestId: string | null;
  readonly problem: Problem | null;
  /** Seconds after which the server wants to be asked again. */
  readonly retryAfter: number | null;

  constructor(init: {
    status: number;
    code: string;
    message: string;
    requestId?: string | null;
    problem?: Problem | null;
    retryAfter?: number | null;
    cause?: unknown;
  }) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.status = init.status;
    this.code = init.code;
    this.requestId = init.requestId ?? null;
    this.problem = init.problem ?? null;
    this.retryAfter = init.retryAfter ?? null;
  }

  /** Messages by field path, as forms want them: `{'title': 'must not be empty'}`. */
  get fieldErrors(): Record<string, string> {
    const result: Record<string, string> = {};
    for (const { path, message } of this.problem?.errors ?? []) result[fieldName(path)] ??= message;
    return result;
  }

  /** Asking again may succeed without a change. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** `/title`, `$.title` and `title` all name the field `title`. */
function fieldName(path: string): string {
  return path.replace(/^\$?[./]/, '').replaceAll('/', '.');
}

/** True for an {@link ApiError}, optionally of one code; survives a second copy of this module. */
export function isApiError(error: unknown, code?: string): error is ApiError {
  const is = error instanceof Error && error.name === 'ApiError' && 'code' in error;
  return is && (code === undefined || error.code === code);
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && typeof value.code === 'string';
}

function parseRetryAfter(value: string | null): number | null {
  if (value === null) return null;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

/** Makes the error of a refused response; `body` is what was parsed of it, if anything. */
export function errorFromResponse(response: Response, body: unknown): ApiError {
  const problem = isProblem(body) ? body : null;
  return new ApiError({
    status: response.status,
    code: problem?.code ?? 'bad_response',
    message: problem?.detail ?? problem?.title ?? `The server answered ${response.status}.`,
    requestId: problem?.requestId ?? response.headers.get('x-request-id'),
    problem,
    retryAfter: parseRetryAfter(response.headers.get('retry-after')),
  });
}

/** Makes the error of a request that got no answer. */
export function errorFromNetwork(cause: unknown): ApiError {
  return new ApiError({ status: 0, code: 'offline', message: 'The server could not be reached.', cause });
}
