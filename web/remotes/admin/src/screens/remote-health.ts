/**
 * Whether the program of a screen can be loaded: its manifest is fetched just as a person's browser
 * would, and read for the module that the screen needs.
 */
import type { ScreenRemote } from '@flowbit/api';

/** What came of fetching one manifest; several screens may share it. */
export type ManifestReport =
  | { kind: 'answered'; ms: number; modules: string[]; hash: string | null }
  | { kind: 'refused'; ms: number; status: number }
  | { kind: 'unreadable'; ms: number }
  | { kind: 'unreachable' }
  | { kind: 'timeout' };

export type Health =
  | { state: 'ok' | 'slow'; ms: number }
  | { state: 'refused'; status: number }
  | { state: 'unreadable' | 'unreachable' | 'timeout' | 'missingModule' | 'altered' };

/** As long as the shell waits for a screen's program. */
const TIMEOUT_MS = 8000;
/** From here on people notice. */
const SLOW_MS = 1000;

function modulesOf(manifest: unknown): string[] | null {
  if (typeof manifest !== 'object' || manifest === null || !('exposes' in manifest)) return null;
  if (!Array.isArray(manifest.exposes)) return null;
  return manifest.exposes.flatMap((exposed: unknown) =>
    typeof exposed === 'object' && exposed !== null && 'path' in exposed && typeof exposed.path === 'string'
      ? [exposed.path]
      : [],
  );
}

async function hashOf(bytes: ArrayBuffer): Promise<string | null> {
  // Only there on secure origins; without it a pinned hash can't be compared here.
  if (globalThis.crypto?.subtle === undefined) return null;
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}

export interface CheckOptions {
  fetch?: typeof globalThis.fetch;
  now?: () => number;
  signal?: AbortSignal;
}

export async function checkManifest(entry: string, options: CheckOptions = {}): Promise<ManifestReport> {
  const { fetch = globalThis.fetch, now = () => performance.now(), signal } = options;
  const deadline = AbortSignal.timeout(TIMEOUT_MS);
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
  const started = now();
  try {
    const response = await fetch(entry, { cache: 'no-store', signal: either });
    const bytes = await response.arrayBuffer();
    const ms = Math.round(now() - started);
    if (!response.ok) return { kind: 'refused', ms, status: response.status };
    try {
      const modules = modulesOf(JSON.parse(new TextDecoder().decode(bytes)));
      if (modules === null) return { kind: 'unreadable', ms };
      return { kind: 'answered', ms, modules, hash: await hashOf(bytes) };
    } catch {
      return { kind: 'unreadable', ms };
    }
  } catch (cause) {
    if (signal?.aborted) throw cause;
    return { kind: deadline.aborted ? 'timeout' : 'unreachable' };
  }
}

/** What a manifest's report means for one screen. */
export function judge(
  report: ManifestReport,
  { module, integrity }: Pick<ScreenRemote, 'module' | 'integrity'>,
): Health {
  if (report.kind === 'refused') return { state: 'refused', status: report.status };
  if (report.kind !== 'answered') return { state: report.kind };
  if (!report.modules.includes(module)) return { state: 'missingModule' };
  if (integrity && report.hash !== null && report.hash !== integrity) return { state: 'altered' };
  return { state: report.ms >= SLOW_MS ? 'slow' : 'ok', ms: report.ms };
}

/** True if people would meet an error instead of the screen. */
export function isBroken(health: Health): boolean {
  return health.state !== 'ok' && health.state !== 'slow';
}
