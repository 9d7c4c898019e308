import { describe, expect, it } from 'vitest';
import { isQuiet } from './quiet-hours';

const at = (time: string) => new Date(`2026-07-01T${time}:00Z`);

describe('quiet hours', () => {
  it('go over midnight, by the clock of their time zone', () => {
    // Two hours ahead in summer.
    const hours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
    const quiet = ['19:59', '20:00', '23:30', '04:59', '05:00'].map((time) => isQuiet(hours, at(time)));
    expect(quiet).toEqual([false, true, true, true, false]);
  });

  it('are within a day as well', () => {
    const hours = { from: '12:00', to: '13:00', timeZone: 'UTC' };
    expect(['11:59', '12:00', '13:00'].map((time) => isQuiet(hours, at(time)))).toEqual([false, true, false]);
  });

  it('are never without any, or in a time zone that nobody knows', () => {
    expect(isQuiet(null, at('12:00'))).toBe(false);
    expect(isQuiet({ from: '00:00', to: '23:59', timeZone: 'Nowhere/Land' }, at('12:00'))).toBe(false);
  });
});
