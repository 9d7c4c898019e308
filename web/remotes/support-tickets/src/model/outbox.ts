/**
 * Messages on their way: shown at once as unsent, kept when sending fails.
 *
 * Each carries a key that the server knows it by, so that sending again can never post it twice.
 */
import type { Attachment } from '@flowbit/api';

export interface OutgoingMessage {
  key: string;
  ticketId: string;
  body: string;
  /** Its text as HTML, where it is formatted. */
  html?: string | null;
  internal: boolean;
  /** The ids of those whom it names. */
  mentions?: readonly string[];
  /** The files that go with it. */
  attachments?: readonly Attachment[];
  /** The newest message that its writer had read, null for none; what nobody knows is not compared. */
  lastMessageId?: string | null | undefined;
  writtenAt: string;
  state: 'sending' | 'failed';
  error: unknown;
}

/** What is written, for a message to be made of. */
export type NewMessage = Pick<
  OutgoingMessage,
  'ticketId' | 'body' | 'html' | 'internal' | 'mentions' | 'attachments' | 'lastMessageId'
>;

export type SendMessage = (message: OutgoingMessage) => Promise<void>;

export interface Outbox {
  subscribe(listener: () => void): () => void;
  getSnapshot(): readonly OutgoingMessage[];
  /** Resolves to whether it was sent. */
  send(message: NewMessage, deliver: SendMessage): Promise<boolean>;
  /** `change`: what is otherwise this time. */
  retry(key: string, deliver: SendMessage, change?: Pick<OutgoingMessage, 'lastMessageId'>): Promise<boolean>;
  /** Takes an unsent message out, to write on or to forget it. */
  take(key: string): OutgoingMessage | null;
  /** Begins anew, with what was kept of an earlier page. */
  restore(kept: readonly OutgoingMessage[]): void;
}

export function createOutbox(newKey: () => string = () => crypto.randomUUID()): Outbox {
  const listeners = new Set<() => void>();
  let messages: readonly OutgoingMessage[] = [];

  function set(next: readonly OutgoingMessage[]) {
    messages = next;
    for (const listener of listeners) listener();
  }

  function update(key: string, change: Partial<OutgoingMessage>) {
    set(messages.map((message) => (message.key === key ? { ...message, ...change } : message)));
  }

  async function attempt(message: OutgoingMessage, deliver: SendMessage): Promise<boolean> {
    try {
      await deliver(message);
      set(messages.filter(({ key }) => key !== message.key));
      return true;
    } catch (error) {
      update(message.key, { state: 'failed', error });
      return false;
    }
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    getSnapshot: () => messages,
    send(input, deliver) {
      const message: OutgoingMessage = {
        ...input,
        key: newKey(),
        writtenAt: new Date().toISOString(),
        state: 'sending',
        error: null,
      };
      set([...messages, message]);
      return attempt(message, deliver);
    },
    retry(key, deliver, change = {}) {
      const message = messages.find((one) => one.key === key);
      if (!message || message.state === 'sending') return Promise.resolve(false);
      const again = { ...change, state: 'sending', error: null } as const;
      update(key, again);
      return attempt({ ...message, ...again }, deliver);
    },
    restore(kept) {
      set(kept.map((message) => ({ ...message, state: 'failed', error: null })));
    },
    take(key) {
      const message = messages.find((one) => one.key === key) ?? null;
      if (message?.state !== 'failed') return null;
      set(messages.filter((one) => one.key !== key));
      return message;
    },
  };
}
