/**
 * Keeps one text on the server as it is written here: when the hand rests, and again after a call that failed.
 *
 * Sending the text removes it there: nothing is saved meanwhile, and what was on its way and may have come later is
 * removed.
 */
import { isApiError } from '@flowbit/api';
import { ANSWER_MAX } from './answer-draft';

/** So long nobody types before it is saved. */
const PAUSE_MS = 1_200;
/** Until a call that failed is tried again; each time twice as long. */
const RETRY_MS = 5_000;
const RETRY_MAX_MS = 60_000;

export interface DraftLink {
  /** An empty text is none. `isLeaving`: the page may be gone before the answer. */
  save(body: string, isLeaving: boolean): Promise<unknown>;
  /** What the server has now; undefined while that is not sure. */
  onKnown(body: string | undefined): void;
}

export interface DraftSaver {
  open(): void;
  /** Saves what is not saved, for the last time. */
  close(): void;
  /** The server has been asked: what it has. Before that nothing is saved over it. */
  learn(server: string): void;
  change(body: string): void;
  /** Saves at once what is not saved. */
  flush(isLeaving: boolean): void;
  /** The connection is back. */
  retry(): void;
  /** The text goes out. */
  hold(): void;
  /** `wasSent`: the server has removed it. */
  release(wasSent: boolean): void;
}

export function createDraftSaver(link: DraftLink): DraftSaver {
  let wanted = '';
  let known: string | undefined;
  let wasAsked = false;
  let isBusy = false;
  let isHeld = false;
  let isClosed = false;
  /** A call was on its way when the text went out: nobody knows which came first. */
  let hasRaced = false;
  /** It was to be saved at once while a call was on its way. */
  let isPressed = false;
  let failures = 0;
  /** What the server refused: it is not sent again as it is. */
  let refused: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function know(body: string | undefined) {
    known = body;
    link.onKnown(body);
  }

  function isFree(): boolean {
    const isPossible = wanted.length <= ANSWER_MAX && wanted !== refused;
    return wasAsked && !isBusy && !isHeld && known !== wanted && isPossible;
  }

  function plan() {
    clearTimeout(timer);
    if (isClosed || !isFree()) return;
    const pause = failures === 0 ? PAUSE_MS : Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (failures - 1));
    timer = setTimeout(() => void run(false), pause);
  }

  async function run(isLeaving: boolean): Promise<void> {
    clearTimeout(timer);
    if (!isFree()) return;
    const body = wanted;
    isBusy = true;
    try {
      await link.save(body, isLeaving);
      failures = 0;
      refused = null;
      know(hasRaced ? undefined : body);
    } catch (error) {
      failures += 1;
      if (isApiError(error) && !error.isTransient) refused = body;
      // It may have been done all the same.
      know(undefined);
    }
    isBusy = false;
    if (!isHeld) goOn();
  }

  function goOn() {
    const isUrgent = hasRaced || isPressed;
    hasRaced = false;
    isPressed = false;
    if (isUrgent) void run(false);
    else plan();
  }

  function flush(isLeaving: boolean) {
    if (isBusy) isPressed = true;
    else void run(isLeaving);
  }

  return {
    open() {
      isClosed = false;
    },
    close() {
      isClosed = true;
      flush(true);
    },
    learn(server) {
      wasAsked = true;
      know(server);
      plan();
    },
    change(body) {
      wanted = body.trim() === '' ? '' : body;
      plan();
    },
    flush,
    retry() {
      if (failures > 0) void run(false);
    },
    hold() {
      clearTimeout(timer);
      isHeld = true;
      if (isBusy) hasRaced = true;
    },
    release(wasSent) {
      isHeld = false;
      if (wasSent) {
        wanted = '';
        know(hasRaced ? undefined : '');
      }
      if (!isBusy) goOn();
    },
  };
}
