/**
 * Files on their way to the server: a few at a time, each with its progress, each for what it was put to.
 *
 * A box is what files are collected for, as the reply to one ticket. The queue outlives the components that show it:
 * who looks at another ticket meanwhile finds their files again.
 */
import type { Attachment } from '@flowbit/api';

/** So many are sent at once, over all boxes. */
const IN_FLIGHT_MAX = 3;
/** So many go with one message. */
export const FILES_MAX = 20;

export type UploadState = 'waiting' | 'uploading' | 'done' | 'failed';

export interface Upload {
  key: string;
  name: string;
  /** In bytes. */
  size: number;
  mediaType: string;
  state: UploadState;
  /** Bytes on their way. */
  sent: number;
  /** As the server has it. */
  attachment: Attachment | null;
  error: unknown;
}

/** A file with the name that it is to have. */
export interface NamedFile {
  name: string;
  file: Blob;
  /** It can't be attached at all. */
  refusal?: Refusal;
}

/** What is refused before the server is asked. */
export type Refusal =
  | { code: 'too_many_files' }
  | { code: 'payload_too_large'; largest: number }
  | { code: 'folder' };

export interface SendOptions {
  signal: AbortSignal;
  onProgress(sent: number): void;
}

/** The way to the server. */
export interface UploadLink {
  send(file: NamedFile, options: SendOptions): Promise<Attachment>;
  remove(id: string): Promise<void>;
}

export interface UploadQueue {
  /** Begins anew for another person. */
  connect(owner: string, link: UploadLink): void;
  subscribe(listener: () => void): () => void;
  getBox(box: string): readonly Upload[];
  add(box: string, files: readonly NamedFile[]): void;
  retry(box: string, key: string): void;
  /** Breaks it off, or removes it from the server if it is there. */
  remove(box: string, key: string): void;
  /** Takes what is there out, to be sent along. */
  take(box: string): Attachment[];
  /** Puts back what was taken, or what this device remembers. */
  putBack(box: string, attachments: readonly Attachment[]): void;
}

interface Entry extends Upload {
  file: NamedFile | null;
  /** Was given to a message, or may have been in another tab: the server alone knows whose it is by now. */
  mayBeSent: boolean;
  stop: AbortController | null;
}

const NONE: readonly Upload[] = [];

export function createUploadQueue(newKey: () => string = () => crypto.randomUUID()): UploadQueue {
  const listeners = new Set<() => void>();
  const boxes = new Map<string, readonly Entry[]>();
  let owner: string | null = null;
  let link: UploadLink | null = null;
  let inFlight = 0;

  function set(box: string, entries: readonly Entry[]) {
    if (entries.length === 0) boxes.delete(box);
    else boxes.set(box, entries);
    for (const listener of listeners) listener();
  }

  function update(box: string, key: string, change: Partial<Entry>) {
    const entries = boxes.get(box);
    if (!entries?.some((entry) => entry.key === key)) return;
    set(
      box,
      entries.map((entry) => (entry.key === key ? { ...entry, ...change } : entry)),
    );
  }

  /** Those that count towards what a message may take. */
  function countOf(box: string): number {
    return (boxes.get(box) ?? []).filter(({ state }) => state !== 'failed').length;
  }

  async function send(box: string, { key, file }: Entry, mine: UploadLink) {
    if (file === null) return;
    const stop = new AbortController();
    inFlight += 1;
    update(box, key, { state: 'uploading', sent: 0, stop });
    try {
      const attachment = await mine.send(file, {
        signal: stop.signal,
        onProgress: (sent) => update(box, key, { sent }),
      });
      // Removed in the moment in which it arrived.
      if (stop.signal.aborted) void mine.remove(attachment.id).catch(() => {});
      const { name, size, mediaType } = attachment;
      update(box, key, {
        state: 'done',
        sent: size,
        name,
        size,
        mediaType,
        attachment,
        file: null,
        stop: null,
      });
    } catch (error) {
      update(box, key, { state: 'failed', error, stop: null });
    } finally {
      // Another person's by now: their queue counts from nothing.
      if (link === mine) inFlight -= 1;
      pump();
    }
  }

  function pump() {
    if (link === null) return;
    for (const [box, entries] of boxes) {
      for (const entry of entries) {
        if (inFlight >= IN_FLIGHT_MAX) return;
        if (entry.state === 'waiting') void send(box, entry, link);
      }
    }
  }

  return {
    connect(nextOwner, nextLink) {
      if (owner === nextOwner) {
        if (inFlight === 0) link = nextLink;
        return;
      }
      owner = nextOwner;
      for (const entries of boxes.values()) for (const { stop } of entries) stop?.abort();
      boxes.clear();
      inFlight = 0;
      link = nextLink;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    getBox: (box) => boxes.get(box) ?? NONE,
    add(box, files) {
      let count = countOf(box);
      const added = files.map((file): Entry => {
        const refusal = file.refusal ?? (count >= FILES_MAX ? ({ code: 'too_many_files' } as const) : null);
        if (refusal === null) count += 1;
        return {
          key: newKey(),
          name: file.name,
          size: file.file.size,
          mediaType: file.file.type,
          state: refusal === null ? 'waiting' : 'failed',
          sent: 0,
          attachment: null,
          error: refusal,
          file,
          mayBeSent: false,
          stop: null,
        };
      });
      set(box, [...(boxes.get(box) ?? []), ...added]);
      pump();
    },
    retry(box, key) {
      const entry = boxes.get(box)?.find((one) => one.key === key);
      if (entry?.state !== 'failed' || entry.file === null || countOf(box) >= FILES_MAX) return;
      update(box, key, { state: 'waiting', sent: 0, error: null });
      pump();
    },
    remove(box, key) {
      const entries = boxes.get(box) ?? [];
      const entry = entries.find((one) => one.key === key);
      if (!entry) return;
      entry.stop?.abort();
      // What was not sent is gone within days even if this call does not come through.
      if (entry.attachment !== null && !entry.mayBeSent)
        void link?.remove(entry.attachment.id).catch(() => {});
      set(
        box,
        entries.filter((one) => one !== entry),
      );
    },
    take(box) {
      const entries = boxes.get(box) ?? [];
      const taken = entries.flatMap(({ attachment }) => (attachment === null ? [] : [attachment]));
      set(
        box,
        entries.filter(({ attachment }) => attachment === null),
      );
      return taken;
    },
    putBack(box, attachments) {
      const entries = boxes.get(box) ?? [];
      const fresh = attachments
        .filter(({ id }) => !entries.some(({ attachment }) => attachment?.id === id))
        .map((attachment): Entry => {
          const { name, size, mediaType } = attachment;
          const known = {
            name,
            size,
            mediaType,
            attachment,
            sent: size,
            file: null,
            error: null,
            stop: null,
          };
          return { ...known, key: newKey(), state: 'done', mayBeSent: true };
        });
      if (fresh.length > 0) set(box, [...fresh, ...entries]);
    },
  };
}
