import { ApiError, type Draft, type DraftKind } from '@flowbit/api';
import { beforeEach, describe, expect, it } from 'vitest';
import { plain, type Written } from '../editor/written';
import {
  chooseText,
  createServerDrafts,
  type DraftLink,
  readRemembered,
  type ServerDrafts,
} from './server-drafts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 8, 0, second)).toISOString();
const draft = (body: string, second: number): Draft => ({
  kind: 'reply',
  body,
  html: null,
  updatedAt: at(second),
});

describe('which text goes on when a ticket is opened', () => {
  const typed = (body: string, second: number) => ({
    ...plain(body),
    changedAt: Date.parse(at(second)),
  });
  const old = draft('Old', 10);

  it('is what was written here since, or what was written elsewhere', () => {
    expect(chooseText(typed('Old', 10), old, old)).toEqual(plain('Old'));
    expect(chooseText(typed('Mine', 20), old, old)).toEqual(plain('Mine'));
    expect(chooseText(typed('Old', 10), old, draft('Theirs', 30))).toEqual(plain('Theirs'));
    expect(chooseText({ ...plain(''), changedAt: 0 }, null, draft('Theirs', 30))).toEqual(plain('Theirs'));
    expect(chooseText(typed('Mine', 20), null, null)).toEqual(plain('Mine'));
  });

  it('is both where both were written, the newer one last', () => {
    expect(chooseText(typed('Mine', 20), old, draft('Theirs', 30))).toEqual(plain('Mine\n\nTheirs'));
    expect(chooseText(typed('Mine', 40), old, draft('Theirs', 30))).toEqual(plain('Theirs\n\nMine'));
    // One goes on from the other.
    expect(chooseText(typed('Old and more', 20), old, draft('Old and', 30))).toEqual(plain('Old and more'));
    expect(chooseText(typed('Old and', 40), old, draft('Old and more', 30))).toEqual(plain('Old and more'));
  });

  it('comes with how it is formatted', () => {
    const bold = { ...draft('Theirs', 30), html: '<p><strong>Theirs</strong></p>' };
    expect(chooseText({ ...plain(''), changedAt: 0 }, null, bold)).toEqual({
      body: 'Theirs',
      html: '<p><strong>Theirs</strong></p>',
    });
    expect(chooseText(typed('Mine', 20), old, bold)).toEqual({
      body: 'Mine\n\nTheirs',
      html: '<p>Mine</p><p><strong>Theirs</strong></p>',
    });
    // The same words, formatted here since.
    expect(chooseText({ ...typed('Old', 20), html: '<p><em>Old</em></p>' }, old, old).html).toBe(
      '<p><em>Old</em></p>',
    );
  });

  it('is nothing where it was sent elsewhere, unless it was written on here', () => {
    expect(chooseText(typed('Old', 10), old, null)).toEqual(plain(''));
    expect(chooseText(typed('Old and more', 20), old, null)).toEqual(plain('Old and more'));
    // Emptied here, and the server did not hear of it.
    expect(chooseText({ ...plain(''), changedAt: 0 }, old, old)).toEqual(plain(''));
  });
});

it('takes from the device only what it is', () => {
  expect(readRemembered(draft('Old', 10))).toEqual(draft('Old', 10));
  const { html: _, ...earlier } = draft('Old', 10);
  expect(readRemembered(earlier)).toEqual(draft('Old', 10));
  expect(readRemembered({ ...earlier, html: 7 })).toBeNull();
  for (const kept of [null, 'Old', {}, { kind: 'shout', body: 'Old', updatedAt: at(1) }, { kind: 'note' }]) {
    expect(readRemembered(kept)).toBeNull();
  }
});

/** A server that answers when the test says so. */
class Server implements DraftLink {
  calls: string[] = [];
  remembered = new Map<DraftKind, Draft | null>();
  waiting: { resolve(draft: Draft | null): void; reject(error: unknown): void; written: Written }[] = [];

  save(_ticket: string, kind: DraftKind, written: Written, isLeaving: boolean): Promise<Draft | null> {
    const { body, html } = written;
    const said = body === '' ? `remove ${kind}` : `save ${kind} ${html ?? body}`;
    this.calls.push(isLeaving ? `leaving ${said}` : said);
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject, written }));
  }
  recall(_ticket: string, kind: DraftKind) {
    return this.remembered.get(kind) ?? null;
  }
  remember(_ticket: string, kind: DraftKind, known: Draft | null) {
    this.remembered.set(kind, known);
  }
  /** What it keeps of a text. */
  keeps = (body: string) => body;

  async answer(error?: unknown) {
    const one = this.waiting.shift();
    if (!one) throw new Error('nobody waits');
    const body = this.keeps(one.written.body);
    if (error === undefined) {
      one.resolve(body === '' ? null : { ...draft(body, this.calls.length), html: one.written.html });
    } else one.reject(error);
    // What waits for the answer goes on.
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
}

class TestClock {
  time = 0;
  private timers: { at: number; run(): void }[] = [];
  now = () => this.time;
  after = (milliseconds: number, run: () => void) => {
    const timer = { at: this.time + milliseconds, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  };
  pass(milliseconds: number) {
    const end = this.time + milliseconds;
    for (;;) {
      const next = this.timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.timers = this.timers.filter((one) => one !== next);
      this.time = next.at;
      next.run();
    }
    this.time = end;
  }
}

const offline = new ApiError({ status: 0, code: 'offline', message: '' });
const refusal = new ApiError({ status: 404, code: 'not_found', message: '' });

describe('keeping drafts on the server', () => {
  let clock: TestClock;
  let server: Server;
  let drafts: ServerDrafts;

  beforeEach(() => {
    clock = new TestClock();
    clock.time = 100_000;
    server = new Server();
    drafts = createServerDrafts(clock);
    drafts.connect(server);
  });

  const type = (body: string, html: string | null = null) => drafts.change('t1', 'reply', { body, html });
  const state = () => drafts.getState('t1', 'reply');
  const open = (known: Draft | null = null, body = known?.body ?? '') =>
    drafts.learn('t1', 'reply', known, plain(body));

  it('saves when the hand rests, and says so', async () => {
    open();
    type('H');
    clock.pass(500);
    type('Hello');
    clock.pass(999);
    expect(server.calls).toEqual([]);
    expect(state()).toBe('saving');
    clock.pass(1);
    expect(server.calls).toEqual(['save reply Hello']);
    await server.answer();
    expect(state()).toBe('saved');
    expect(server.remembered.get('reply')?.body).toBe('Hello');
    clock.pass(60_000);
    expect(server.calls).toHaveLength(1);
  });

  it('saves what is formatted anew, though its words are the same', async () => {
    open();
    type('Hello');
    clock.pass(1_000);
    await server.answer();
    type('Hello', '<p><strong>Hello</strong></p>');
    expect(state()).toBe('saving');
    clock.pass(3_000);
    expect(server.calls).toEqual(['save reply Hello', 'save reply <p><strong>Hello</strong></p>']);
    await server.answer();
    expect(state()).toBe('saved');
    expect(server.remembered.get('reply')?.html).toBe('<p><strong>Hello</strong></p>');
    type('Hello');
    clock.pass(3_000);
    expect(server.calls[2]).toBe('save reply Hello');
  });

  it('saves now and then who never rests', async () => {
    open();
    for (let step = 0; step < 38; step += 1) {
      type(`Word ${step}`);
      clock.pass(250);
      if (server.waiting.length > 0) await server.answer();
    }
    expect(server.calls).toHaveLength(1);
  });

  it('does not call more often than that', async () => {
    open();
    type('Hello');
    clock.pass(1_000);
    await server.answer();
    type('Hello there');
    clock.pass(2_999);
    expect(server.calls).toHaveLength(1);
    clock.pass(1);
    expect(server.calls).toHaveLength(2);
  });

  it('asks for nothing before it knows what the server has', () => {
    type('Typed at once');
    clock.pass(60_000);
    expect(server.calls).toEqual([]);
    expect(state()).toBe('saving');
    drafts.miss('t1', 'reply');
    expect(state()).toBe('kept');
    open(draft('Old', 1), 'Typed at once');
    clock.pass(1_000);
    expect(server.calls).toEqual(['save reply Typed at once']);
  });

  it('removes what was emptied, and what is only space', async () => {
    open(draft('Old', 1));
    expect(state()).toBe('saved');
    type(' \n');
    expect(state()).toBe('empty');
    clock.pass(1_000);
    expect(server.calls).toEqual(['remove reply']);
    await server.answer();
    expect(server.remembered.get('reply')).toBeNull();
  });

  it('saves at once when the ticket or the page is left, and what was typed meanwhile after that', async () => {
    open();
    type('Hello');
    drafts.flush({ ticketId: 't2' });
    expect(server.calls).toEqual([]);
    drafts.flush({ ticketId: 't1', isLeaving: true });
    expect(server.calls).toEqual(['leaving save reply Hello']);
    type('Hello there');
    drafts.flush();
    expect(server.calls).toHaveLength(1);
    await server.answer();
    clock.pass(3_000);
    expect(server.calls[1]).toBe('save reply Hello there');
  });

  it('keeps what could not be saved, and tries again when the connection is back', async () => {
    open();
    type('Hello');
    clock.pass(1_000);
    await server.answer(offline);
    expect(state()).toBe('kept');
    drafts.retry();
    expect(server.calls).toHaveLength(2);
    await server.answer(offline);
    // Nobody says that it is back.
    clock.pass(9_999);
    expect(server.calls).toHaveLength(2);
    clock.pass(1);
    expect(server.calls).toHaveLength(3);
    await server.answer();
    expect(state()).toBe('saved');
  });

  it('does not repeat what is refused, only what is written after that', async () => {
    open();
    type('Hello');
    clock.pass(1_000);
    await server.answer(refusal);
    expect(state()).toBe('kept');
    drafts.retry();
    clock.pass(600_000);
    expect(server.calls).toHaveLength(1);
    type('x'.repeat(20_001));
    clock.pass(600_000);
    expect(server.calls).toHaveLength(1);
    expect(state()).toBe('kept');
    type('Hello there');
    clock.pass(600_000);
    expect(server.calls).toHaveLength(2);
  });

  it('is content with what the server makes of a text', async () => {
    open();
    server.keeps = (body) => body.replace('\r', '');
    type('Hello\r\nthere');
    clock.pass(1_000);
    await server.answer();
    expect(state()).toBe('saved');
    server.keeps = () => '';
    type('\u200b');
    clock.pass(3_000);
    await server.answer();
    clock.pass(600_000);
    expect(server.calls).toHaveLength(2);
    expect(state()).toBe('kept');
  });

  describe('while a message is sent', () => {
    function send() {
      type('');
      drafts.hold('t1', 'reply');
    }

    it('saves and removes nothing, since the server removes it', () => {
      open(draft('Hello', 1));
      send();
      clock.pass(60_000);
      drafts.flush();
      drafts.release('t1', 'reply', true);
      clock.pass(60_000);
      expect(server.calls).toEqual([]);
      expect(server.remembered.get('reply')).toBeNull();
    });

    it('calls off what was to be saved', () => {
      open();
      type('Hello');
      clock.pass(900);
      send();
      clock.pass(60_000);
      drafts.release('t1', 'reply', true);
      clock.pass(60_000);
      expect(server.calls).toEqual([]);
    });

    it('removes what was on its way, which may have come after it', async () => {
      open();
      type('Hello');
      clock.pass(1_000);
      send();
      await server.answer();
      drafts.release('t1', 'reply', true);
      expect(server.calls).toEqual(['save reply Hello', 'remove reply']);
      await server.answer();
      clock.pass(60_000);
      expect(server.calls).toHaveLength(2);
    });

    it('waits for what is still on its way, to remove it then', async () => {
      open();
      type('Hello');
      clock.pass(1_000);
      send();
      drafts.release('t1', 'reply', true);
      expect(server.calls).toEqual(['save reply Hello']);
      await server.answer();
      expect(server.calls).toEqual(['save reply Hello', 'remove reply']);
    });

    it('saves what was written meanwhile after it', () => {
      open(draft('Hello', 1));
      send();
      type('And one more thing');
      clock.pass(60_000);
      expect(server.calls).toEqual([]);
      drafts.release('t1', 'reply', true);
      clock.pass(1_000);
      expect(server.calls).toEqual(['save reply And one more thing']);
    });

    it('removes the draft of what was not sent: the outbox has it', () => {
      open(draft('Hello', 1));
      send();
      drafts.release('t1', 'reply', false);
      clock.pass(1_000);
      expect(server.calls).toEqual(['remove reply']);
    });

    it('leaves it where the text was put back', () => {
      open(draft('Hello', 1));
      send();
      drafts.release('t1', 'reply', false);
      type('Hello');
      clock.pass(60_000);
      expect(server.calls).toEqual([]);
      expect(state()).toBe('saved');
    });

    it('has nothing to do with the other kind', () => {
      drafts.learn('t1', 'note', null, plain(''));
      open(draft('Hello', 1));
      drafts.hold('t1', 'reply');
      drafts.change('t1', 'note', plain('Only for us'));
      clock.pass(1_000);
      expect(server.calls).toEqual(['save note Only for us']);
    });
  });

  it('forgets everything for another person', () => {
    open();
    type('Hello');
    const next = new Server();
    drafts.connect(next);
    clock.pass(60_000);
    expect([...server.calls, ...next.calls]).toEqual([]);
    expect(state()).toBe('empty');
  });
});
