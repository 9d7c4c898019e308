/**
 * The colours of the desk, light and dark designed apart.
 *
 * Components use them as `var(--fb-…)`. What must be readable on what is listed in `READABLE` and
 * held by a test.
 */
import type { Hex } from './contrast';

export interface Palette {
  /** The page. */
  bg: Hex;
  /** Navigation and headers of tables: a step back. */
  bgSubtle: Hex;
  /** What floats: menus, dialogs. */
  bgFloat: Hex;
  hover: Hex;
  selected: Hex;
  /** Hairlines: decoration, no meaning of their own. */
  border: Hex;
  /** Edges of inputs: found by sight alone, so 3:1. */
  borderStrong: Hex;
  text: Hex;
  textMuted: Hex;
  info: Hex;
  infoTint: Hex;
  success: Hex;
  successTint: Hex;
  warning: Hex;
  warningTint: Hex;
  danger: Hex;
  dangerTint: Hex;
  violet: Hex;
  violetTint: Hex;
  neutral: Hex;
  neutralTint: Hex;
}

export const light: Palette = {
  bg: '#ffffff',
  bgSubtle: '#f7f7f8',
  bgFloat: '#ffffff',
  hover: '#f1f1f3',
  selected: '#e8e9ed',
  border: '#e2e3e7',
  borderStrong: '#878a94',
  text: '#1a1b1f',
  textMuted: '#585b66',
  info: '#1a56c4',
  infoTint: '#e9f0fd',
  success: '#17713b',
  successTint: '#e6f4eb',
  warning: '#835300',
  warningTint: '#fdf2dc',
  danger: '#b8211a',
  dangerTint: '#fdebea',
  violet: '#6434cf',
  violetTint: '#f0ebfd',
  neutral: '#585b66',
  neutralTint: '#efeff2',
};

export const dark: Palette = {
  bg: '#16171a',
  bgSubtle: '#111214',
  bgFloat: '#1e1f23',
  hover: '#212227',
  selected: '#2a2c32',
  border: '#2b2d33',
  borderStrong: '#757883',
  text: '#e9eaec',
  textMuted: '#a3a6b0',
  info: '#82b0ff',
  infoTint: '#182440',
  success: '#68cd90',
  successTint: '#12291c',
  warning: '#e8b85a',
  warningTint: '#2e2410',
  danger: '#ff938a',
  dangerTint: '#381b19',
  violet: '#bda5ff',
  violetTint: '#261f40',
  neutral: '#a3a6b0',
  neutralTint: '#25272c',
};

export const palettes = { light, dark };

type PaletteKey = keyof Palette;

const GROUNDS: PaletteKey[] = ['bg', 'bgSubtle', 'bgFloat', 'hover', 'selected'];
const TONES: PaletteKey[] = ['info', 'success', 'warning', 'danger', 'violet', 'neutral'];

/** Pairs of text and ground that occur, each at least 4.5:1. */
export const READABLE: [PaletteKey, PaletteKey][] = [
  ...GROUNDS.flatMap((ground): [PaletteKey, PaletteKey][] => [
    ['text', ground],
    ['textMuted', ground],
    ...TONES.map((tone): [PaletteKey, PaletteKey] => [tone, ground]),
  ]),
  ...TONES.map((tone): [PaletteKey, PaletteKey] => [tone, `${tone}Tint` as PaletteKey]),
  ...TONES.map((tone): [PaletteKey, PaletteKey] => ['text', `${tone}Tint` as PaletteKey]),
];

/** `bgSubtle` is `--fb-bg-subtle`. */
export function cssName(key: string): string {
  return `--fb-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
