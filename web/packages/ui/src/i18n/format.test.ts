import { afterEach, expect, it, vi } from 'vitest';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000);

/** The formats as a browser of this language makes them. */
async function formatsIn(locale: 'en' | 'de', browser: string) {
  vi.resetModules();
  vi.stubGlobal('navigator', { languages: [browser] });
  const { formatsFor } = await import('./format');
  return formatsFor(locale);
}

afterEach(() => vi.unstubAllGlobals());

it.each(['en-GB', 'en-US'])('says times alike and briefly in each English (%s)', async (browser) => {
  const formats = await formatsIn('en', browser);
  expect(formats.relative(ago(2 * 3600), NOW)).toBe('2h ago');
  expect(formats.relative(ago(86_400), NOW)).toBe('1d ago');
  expect(formats.relative(ago(20), NOW)).toBe('just now');
  expect(formats.relative(ago(-300), NOW)).toBe('in 5m');
  expect(formats.duration(840)).toBe('840 ms');
  expect(formats.duration(1234)).toBe('1.2 sec');
});

it("writes dates as the person's region does", async () => {
  const at = new Date('2026-11-23T09:12:07Z');
  expect((await formatsIn('en', 'en-GB')).date(at)).toBe('23 Nov 2026');
  expect((await formatsIn('en', 'en-US')).date(at)).toBe('Nov 23, 2026');
  expect((await formatsIn('de', 'en-US')).date(at)).toBe('23.11.2026');
});

it('says times in German', async () => {
  const formats = await formatsIn('de', 'de-DE');
  expect(formats.relative(ago(2 * 3600), NOW)).toBe('vor 2 Std.');
  expect(formats.relative(ago(2 * 86_400), NOW, 'long')).toBe('vorgestern');
});

it('says a moment as briefly as it stays clear', async () => {
  const formats = await formatsIn('en', 'en-GB');
  const now = new Date(2026, 10, 26, 12).getTime();
  expect(formats.moment(new Date(2026, 10, 26, 15, 30), now)).toBe('15:30');
  expect(formats.moment(new Date(2026, 10, 30, 9), now)).toMatch(/^Mon,? 09:00$/);
  // A week on it is the same day of the week as today, and of the past a day alone says too little.
  expect(formats.moment(new Date(2026, 11, 3, 9), now)).toMatch(/^3 Dec,? 09:00$/);
  expect(formats.moment(new Date(2026, 10, 23, 9), now)).toMatch(/^23 Nov,? 09:00$/);
  expect(formats.moment(new Date(2027, 0, 4, 9), now)).toMatch(/^4 Jan 2027,? 09:00$/);
});

it('says sizes and shares as each language writes them', async () => {
  const english = await formatsIn('en', 'en-GB');
  expect([0, 840, 12_400, 999_499, 2_360_000].map(english.size)).toEqual([
    '0 byte',
    '840 byte',
    '12 kB',
    '999 kB',
    '2.4 MB',
  ]);
  expect(english.percent(42)).toBe('42%');
  const german = await formatsIn('de', 'de-DE');
  expect(german.size(2_360_000)).toBe('2,4 MB');
  expect(german.percent(42)).toBe('42\u00a0%');
});
