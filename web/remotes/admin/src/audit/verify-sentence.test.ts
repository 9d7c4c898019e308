import { expect, it } from 'vitest';
import { describeVerification } from './verify-sentence';

const number = (value: number) => value.toLocaleString('en-GB');
const head = 'ab'.repeat(32);

it('says what a whole chain proves', () => {
  const verification = { ok: true, size: 1284, head, firstBad: null };
  const said = describeVerification({ verification, locale: 'en', number });
  expect(said.isWhole).toBe(true);
  expect(said.title).toBe('All 1,284 events are in unbroken order, from the first to the newest.');
  expect(describeVerification({ verification, locale: 'de', number }).title).toContain('lückenloser Reihe');
});

it('speaks of none and one', () => {
  const said = (size: number) =>
    describeVerification({ verification: { ok: true, size, head, firstBad: null }, locale: 'en', number })
      .title;
  expect(said(0)).toBe('There are no events yet.');
  expect(said(1)).toBe('The one event is whole.');
});

it('names the first bad event and what is still good', () => {
  const broken = (firstBad: number | null) =>
    describeVerification({ verification: { ok: false, size: 1284, head, firstBad }, locale: 'en', number });
  expect(broken(512)).toMatchObject({ isWhole: false, title: 'The chain is broken at event 512.' });
  expect(broken(512).meaning).toMatch(/^Events 1 to 511 are whole\. From event 512 of 1,284 on/);
  expect(broken(1).meaning).toMatch(/^Not even the first event/);
  expect(broken(null).title).toBe('The chain is broken at event 1,284.');
});
