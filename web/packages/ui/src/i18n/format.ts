/** Times, numbers and sizes as the person's language writes them. */
import { useMemo } from 'react';
import { type Locale, useLocale } from './locale';

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['week', 7 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

const JUST_NOW: Record<Locale, string> = { en: 'just now', de: 'gerade eben' };
const IN_A_MOMENT: Record<Locale, string> = { en: 'in a moment', de: 'gleich' };

/** German has no formatter that would name the English region; both take what the browser says. */
function tagOf(locale: Locale): string {
  const own = globalThis.navigator?.languages?.find((tag) => tag.toLowerCase().startsWith(locale));
  return own ?? (locale === 'de' ? 'de-DE' : 'en-GB');
}

export type TimeStyle = 'narrow' | 'long';

export interface Formats {
  /** `2m ago`, or `2 minutes ago` in the long style. */
  relative(at: Date, now: number, style?: TimeStyle): string;
  /** `23 Nov 2026, 09:12:07` */
  exact(at: Date): string;
  /** `23 Nov 2026` */
  date(at: Date): string;
  /** `09:12` */
  time(at: Date): string;
  /** As short as it stays clear: `14:05` today, `Mon 09:00` in the days to come, else `7 Dec, 09:00`. */
  moment(at: Date, now: number): string;
  number(value: number): string;
  /** `840 ms`, `2.4 sec`, `3 min` */
  duration(milliseconds: number): string;
  /** `42%` of 42 */
  percent(value: number): string;
  /** `840 byte`, `12 kB`, `2.4 MB` */
  size(bytes: number): string;
}

/** So far ahead a day of the week is not mistaken for today's. */
const SOON_MS = 6 * 86_400_000;

const cache = new Map<string, Formats>();

export function formatsFor(locale: Locale): Formats {
  const tag = tagOf(locale);
  const known = cache.get(tag);
  if (known) return known;

  const relative: Record<TimeStyle, Intl.RelativeTimeFormat> = {
    // Without the region, which would make `2h ago` longer. German's narrow form says `m` for minutes and
    // metres alike.
    narrow: new Intl.RelativeTimeFormat(locale, {
      style: locale === 'de' ? 'short' : 'narrow',
      numeric: 'always',
    }),
    long: new Intl.RelativeTimeFormat(tag, { style: 'long', numeric: 'auto' }),
  };
  const exact = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'medium' });
  const date = new Intl.DateTimeFormat(tag, { dateStyle: 'medium' });
  const time = new Intl.DateTimeFormat(tag, { timeStyle: 'short' });
  const clock = { hour: '2-digit', minute: '2-digit' } as const;
  const soon = new Intl.DateTimeFormat(tag, { weekday: 'short', ...clock });
  const day = new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'short', ...clock });
  const dayOfYear = new Intl.DateTimeFormat(tag, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    ...clock,
  });
  const number = new Intl.NumberFormat(tag);
  const percent = new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 0 });
  const unit = (value: number, name: string, digits: number) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value);

  const formats: Formats = {
    relative(at, now, style = 'narrow') {
      const seconds = (at.getTime() - now) / 1000;
      for (const [name, size] of STEPS) {
        if (Math.abs(seconds) >= size) return relative[style].format(Math.trunc(seconds / size), name);
      }
      // Clocks differ by a second or two: only what is clearly ahead is said to come.
      return seconds > 2 ? IN_A_MOMENT[locale] : JUST_NOW[locale];
    },
    exact: (at) => exact.format(at),
    date: (at) => date.format(at),
    time: (at) => time.format(at),
    moment(at, now) {
      const today = new Date(now);
      if (at.toDateString() === today.toDateString()) return time.format(at);
      const ahead = at.getTime() - now;
      if (ahead > 0 && ahead < SOON_MS) return soon.format(at);
      return (at.getFullYear() === today.getFullYear() ? day : dayOfYear).format(at);
    },
    number: (value) => number.format(value),
    duration(milliseconds) {
      if (milliseconds < 1000) return unit(Math.round(milliseconds), 'millisecond', 0);
      if (milliseconds < 60_000) return unit(milliseconds / 1000, 'second', 1);
      if (milliseconds < 3_600_000) return unit(milliseconds / 60_000, 'minute', 0);
      return unit(milliseconds / 3_600_000, 'hour', 1);
    },
    percent: (value) => percent.format(value / 100),
    size(bytes) {
      if (bytes < 1000) return unit(bytes, 'byte', 0);
      if (bytes < 999_500) return unit(bytes / 1000, 'kilobyte', 0);
      if (bytes < 999_950_000) return unit(bytes / 1_000_000, 'megabyte', 1);
      return unit(bytes / 1_000_000_000, 'gigabyte', 1);
    },
  };
  cache.set(tag, formats);
  return formats;
}

export function useFormats(): Formats {
  const locale = useLocale();
  return useMemo(() => formatsFor(locale), [locale]);
}
