/** A company's accent colour, made usable in both themes whatever was chosen. */
import { contrast, ensureContrast, type Hex, mix } from './contrast';
import { palettes } from './tokens';

export interface Accent {
  /** Filled buttons, the selected tab's line, the focus ring: at least 3:1 against every ground. */
  fill: Hex;
  fillHover: Hex;
  /** Text on the fill: at least 4.5:1. */
  on: Hex;
  /** Links and accent-coloured words: at least 4.5:1 against every ground. */
  text: Hex;
  /** A ground that hints at the accent; `text` is readable on it. */
  tint: Hex;
  tintHover: Hex;
}

export const DEFAULT_ACCENT: Hex = '#3b5bdb';

/** Pure black: of black and white one always reaches 4.5:1, which no softer pair does. */
const INK = '#000000';

export function accentFor(chosen: string, scheme: 'light' | 'dark'): Accent {
  const palette = palettes[scheme];
  const grounds = [palette.bg, palette.bgSubtle, palette.bgFloat, palette.hover, palette.selected];
  const toward = scheme === 'light' ? '#000000' : '#ffffff';
  const fill = ensureContrast(chosen, grounds, 3);
  const on: Hex = contrast('#ffffff', fill) >= 4.5 ? '#ffffff' : INK;
  const fillHover = mix(fill, on === '#ffffff' ? '#000000' : '#ffffff', 0.1);
  const tint = mix(palette.bg, fill, scheme === 'light' ? 0.08 : 0.16);
  const tintHover = mix(tint, toward, 0.04);
  const text = ensureContrast(chosen, [...grounds, tint, tintHover], 4.5);
  return { fill, fillHover, on, text, tint, tintHover };
}
