/** Takes the audit trail along: fetched with the session's token, read in pieces, saved as a file. */
import { type ApiClient, errorFromNetwork, unwrap } from '@flowbit/api';
import { type AuditFilter, isFiltered } from './audit-filter';

export type ExportFormat = 'ndjson' | 'csv';

const MIME: Record<ExportFormat, string> = { ndjson: 'application/x-ndjson', csv: 'text/csv' };

/** `audit-logisticsco-2026-11-23.ndjson`; a part of the trail says so in its name. */
export function fileNameFor(slug: string, filter: AuditFilter, format: ExportFormat, now: Date): string {
  const part = isFiltered(filter) ? '-filtered' : '';
  return `audit-${slug}${part}-${now.toISOString().slice(0, 10)}.${format}`;
}

export interface ExportOptions {
  client: ApiClient;
  filter: AuditFilter;
  format: ExportFormat;
  signal: AbortSignal;
  onProgress(bytes: number): void;
}

export async function exportAudit({
  client,
  filter,
  format,
  signal,
  onProgress,
}: ExportOptions): Promise<Blob> {
  const query = { ...filter, format };
  const call = client.GET('/api/admin/audit', { params: { query }, parseAs: 'stream', signal });
  const stream: ReadableStream<Uint8Array<ArrayBuffer>> | null | undefined = await unwrap(call);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const reader = stream?.getReader();
  try {
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
      pieces.push(piece.value);
      bytes += piece.value.byteLength;
      onProgress(bytes);
    }
  } catch (cause) {
    // A part must never be taken for the whole.
    if (signal.aborted) throw cause;
    throw errorFromNetwork(cause);
  }
  return new Blob(pieces, { type: MIME[format] });
}

/** Hands a file to the browser. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the content by the next minute.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
