/** Colour arithmetic of WCAG 2.2: relative luminance, contrast, and mixing until it suffices. */

export type Hex = `#${string}`;

type Rgb = [number, number, number];

function parse(hex: string): Rgb {
  const digits = hex.replace('#', '');
  const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  const value = Number.parseInt(full.slice(0, 6), 16);
  if (full.length < 6 || Number.isNaN(value)) return [0x3b, 0x5b, 0xdb];
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function format(rgb: Rgb): Hex {
  return `#${rgb.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}

/** `share` of `other` in `base`, 0 to 1. */
export function mix(base: string, other: string, share: number): Hex {
  const from = parse(base);
  const to = parse(other);
  return format(from.map((channel, index) => channel + ((to[index] ?? 0) - channel) * share) as Rgb);
}

function luminance(hex: string): number {
  const [r, g, b] = parse(hex).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** 1 to 21. */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** The colour itself if it stands out from all grounds by `ratio`, else as little changed as needed. */
export function ensureContrast(color: string, grounds: readonly string[], ratio: number): Hex {
  const toward = luminance(grounds[0] ?? '#ffffff') > 0.4 ? '#000000' : '#ffffff';
  for (let share = 0; share < 1; share += 0.02) {
    const candidate = mix(color, toward, share);
    if (grounds.every((ground) => contrast(candidate, ground) >= ratio)) return candidate;
  }
  return toward;
}
