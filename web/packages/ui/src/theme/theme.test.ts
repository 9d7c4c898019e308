import { describe, expect, it } from 'vitest';
import { accentFor } from './accent';
import { contrast } from './contrast';
import { palettes, READABLE } from './tokens';

describe.each(['light', 'dark'] as const)('%s', (scheme) => {
  const palette = palettes[scheme];

  it.each(READABLE)('%s is readable on %s', (text, ground) => {
    expect(contrast(palette[text], palette[ground])).toBeGreaterThanOrEqual(4.5);
  });

  it('edges of inputs stand out', () => {
    for (const ground of ['bg', 'bgSubtle', 'bgFloat'] as const) {
      expect(contrast(palette.borderStrong, palette[ground])).toBeGreaterThanOrEqual(3);
    }
  });

  it.each(['#ffffff', '#000000', '#ffee00', '#0b7285', '#e03131', '#808080', '#3b5bdb', 'nonsense'])(
    'accent %s becomes usable',
    (chosen) => {
      const accent = accentFor(chosen, scheme);
      const grounds = [palette.bg, palette.bgSubtle, palette.bgFloat, palette.hover, palette.selected];
      for (const ground of grounds) {
        expect(contrast(accent.fill, ground)).toBeGreaterThanOrEqual(3);
        expect(contrast(accent.text, ground)).toBeGreaterThanOrEqual(4.5);
      }
      expect(contrast(accent.on, accent.fill)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(accent.on, accent.fillHover)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(accent.text, accent.tint)).toBeGreaterThanOrEqual(4.5);
    },
  );
});
