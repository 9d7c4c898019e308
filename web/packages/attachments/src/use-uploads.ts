/** The files that are collected for one purpose, as the reply to a ticket; they stay with the draft. */
import { type Attachment, queryKeys, unwrap } from '@flowbit/api';
import { readKept, useScreen, writeKept } from '@flowbit/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useLayoutEffect, useMemo, useSyncExternalStore } from 'react';
import {
  createUploadQueue,
  type NamedFile,
  type Refusal,
  type Upload,
  type UploadLink,
} from './upload-queue';

const queue = createUploadQueue();
/** What this device remembers has been looked for, per person and box. */
const restored = new Set<string>();

/** The server keeps what was not sent for seven days; near their end it is not offered again. */
const KEPT_MS = 6.5 * 86_400_000;
/** Below this no file is too large, so that nobody has to ask. */
const SMALL_BYTES = 1_000_000;
const LIMITS_STALE_MS = 10 * 60_000;

function isAttachment(value: unknown): value is Attachment {
  if (typeof value !== 'object' || value === null) return false;
  const { id, name, mediaType, size, createdAt } = value as Partial<Attachment>;
  return (
    [id, name, mediaType, createdAt].every((text) => typeof text === 'string') && typeof size === 'number'
  );
}

/** From what this device kept, which may be anything: what the server still has. */
export function readKeptFiles(kept: unknown, now: number): Attachment[] {
  if (!Array.isArray(kept)) return [];
  return kept.filter(isAttachment).filter(({ createdAt }) => now - Date.parse(createdAt) < KEPT_MS);
}

function doneOf(items: readonly Upload[]): Attachment[] {
  return items.flatMap(({ attachment }) => (attachment === null ? [] : [attachment]));
}

export interface Uploads {
  items: readonly Upload[];
  /** What is there, to be sent along. */
  ready: readonly Attachment[];
  /** Why nothing can be sent yet: something is on its way, or has failed and is neither tried again nor removed. */
  holdUp: 'uploading' | 'failed' | null;
  add(files: readonly NamedFile[]): void;
  retry(key: string): void;
  remove(key: string): void;
  /** Takes what is there, to be sent along. */
  take(): Attachment[];
  /** Puts back what could not be sent. */
  putBack(attachments: readonly Attachment[]): void;
  /** Removes all. */
  clear(): void;
}

/** Sends files for as long as the page is open; asks before it is left meanwhile. */
export function useUploads(box: string): Uploads {
  const { client, user } = useScreen();
  const queryClient = useQueryClient();

  const link = useMemo<UploadLink>(
    () => ({
      async send({ name, file }, options) {
        if (file.size > SMALL_BYTES) {
          const limits = await queryClient
            .fetchQuery({
              queryKey: queryKeys.attachments.limits,
              queryFn: ({ signal }) => unwrap(client.GET('/api/attachments', { signal })),
              staleTime: LIMITS_STALE_MS,
            })
            // The server will say it.
            .catch(() => null);
          // A server that refuses a file breaks the line off, and nobody would hear why.
          if (limits !== null && file.size > limits.largest) {
            throw { code: 'payload_too_large', largest: limits.largest } satisfies Refusal;
          }
        }
        const path = `/api/attachments?name=${encodeURIComponent(name)}`;
        const attachment = (await client.upload(path, file, options)) as Attachment;
        // What this page has sent it need not fetch.
        queryClient.setQueryData(
          queryKeys.attachments.bytes(attachment.id),
          file.slice(0, file.size, attachment.mediaType),
        );
        return attachment;
      },
      async remove(id) {
        await unwrap(client.DELETE('/api/attachments/{id}', { params: { path: { id } } }));
      },
    }),
    [client, queryClient],
  );

  useLayoutEffect(() => {
    queue.connect(user.id, link);
    const key = `${user.id} ${box}`;
    if (restored.has(key)) return;
    restored.add(key);
    queue.putBack(box, readKeptFiles(readKept<unknown>(user, keptName(box)), Date.now()));
  }, [user, link, box]);

  const items = useSyncExternalStore(
    queue.subscribe,
    useCallback(() => queue.getBox(box), [box]),
  );
  const ready = useMemo(() => doneOf(items), [items]);

  useEffect(() => {
    // Behind what has just been put back.
    if (items !== queue.getBox(box)) return;
    writeKept(user, keptName(box), ready.length > 0 ? ready : null);
  }, [user, box, items, ready]);

  const isUploading = items.some(({ state }) => state === 'waiting' || state === 'uploading');
  const hasFailed = items.some(({ state }) => state === 'failed');
  useEffect(() => {
    if (!isUploading) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isUploading]);

  const actions = useMemo(
    () => ({
      add: (files: readonly NamedFile[]) => queue.add(box, files),
      retry: (key: string) => queue.retry(box, key),
      remove: (key: string) => queue.remove(box, key),
      take: () => queue.take(box),
      putBack: (attachments: readonly Attachment[]) => queue.putBack(box, attachments),
      clear() {
        for (const { key } of queue.getBox(box)) queue.remove(box, key);
      },
    }),
    [box],
  );

  return { items, ready, holdUp: isUploading ? 'uploading' : hasFailed ? 'failed' : null, ...actions };
}

function keptName(box: string): string {
  return `files:${box}`;
}
