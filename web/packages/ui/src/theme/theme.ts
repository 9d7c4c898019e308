/** Mantine's theme, spoken in the desk's tokens. */
import {
  Button,
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  Input,
  type MantineColorsTuple,
  type MantineThemeOverride,
} from '@mantine/core';
import { accentFor } from './accent';
import { mix } from './contrast';
import { cssName, dark, light, type Palette, palettes } from './tokens';

/** Ten steps from near white to near black through one colour, as Mantine wants them. */
function ramp(color: string): MantineColorsTuple {
  const shares: [string, number][] = [
    ['#ffffff', 0.92],
    ['#ffffff', 0.8],
    ['#ffffff', 0.62],
    ['#ffffff', 0.44],
    ['#ffffff', 0.26],
    ['#ffffff', 0.12],
    [color, 0],
    ['#000000', 0.12],
    ['#000000', 0.26],
    ['#000000', 0.4],
  ];
  return shares.map(([toward, share]) => mix(color, toward, share)) as unknown as MantineColorsTuple;
}

const GRAY: MantineColorsTuple = [
  light.bgSubtle,
  light.hover,
  light.selected,
  light.border,
  '#c9cbd1',
  '#a9acb5',
  light.borderStrong,
  light.textMuted,
  '#35373f',
  light.text,
];

const DARK: MantineColorsTuple = [
  dark.text,
  '#c4c6cc',
  dark.textMuted,
  dark.borderStrong,
  '#3a3c44',
  dark.selected,
  dark.bgFloat,
  dark.bg,
  dark.bgSubtle,
  '#0b0c0d',
];

const FONT =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif";
const MONO = "ui-monospace, 'SF Mono', SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace";

/** Mantine's `sm` is 36 px high; the desk is denser. */
const DENSE_HEIGHT = '32px';

function isDense(size: unknown): boolean {
  return size === undefined || size === 'sm';
}

/** `closeLabel` names the buttons that close dialogs and drawers. */
export function makeTheme(accentColor: string, closeLabel: string): MantineThemeOverride {
  return createTheme({
    fontFamily: FONT,
    fontFamilyMonospace: MONO,
    fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
    lineHeights: { xs: '18px', sm: '20px', md: '22px', lg: '24px', xl: '28px' },
    spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
    radius: { xs: '3px', sm: '4px', md: '6px', lg: '6px', xl: '6px' },
    defaultRadius: 'md',
    headings: {
      fontFamily: FONT,
      fontWeight: '600',
      sizes: {
        h1: { fontSize: '20px', lineHeight: '28px' },
        h2: { fontSize: '16px', lineHeight: '24px' },
        h3: { fontSize: '14px', lineHeight: '22px' },
        h4: { fontSize: '13px', lineHeight: '20px' },
      },
    },
    colors: { accent: ramp(accentColor), gray: GRAY, dark: DARK },
    black: light.text,
    primaryColor: 'accent',
    primaryShade: 6,
    cursorType: 'pointer',
    focusRing: 'auto',
    respectReducedMotion: true,
    shadows: {
      xs: 'none',
      sm: 'none',
      md: 'var(--fb-shadow-float)',
      lg: 'var(--fb-shadow-float)',
      xl: 'var(--fb-shadow-float)',
    },
    variantColorResolver: (input) => {
      const resolved = defaultVariantColorsResolver(input);
      const isAccent = (input.color ?? 'accent') === 'accent';
      if (isAccent && input.variant === 'filled') return { ...resolved, color: 'var(--fb-accent-on)' };
      return resolved;
    },
    components: {
      Button: Button.extend({
        defaultProps: { size: 'sm' },
        vars: (_theme, { size }) => ({ root: isDense(size) ? { '--button-height': DENSE_HEIGHT } : {} }),
      }),
      Input: Input.extend({
        vars: (_theme, { size }) => ({ wrapper: isDense(size) ? { '--input-height': DENSE_HEIGHT } : {} }),
      }),
      // Forms ask for what they need; what may be left out says so.
      InputWrapper: { defaultProps: { withAsterisk: false } },
      ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 28 } },
      TextInput: { defaultProps: { size: 'sm' } },
      PasswordInput: { defaultProps: { size: 'sm' } },
      Textarea: { defaultProps: { size: 'sm' } },
      Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
      Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 100 } } },
      Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 100 } } },
      // There at once, so that the focus can be in it (`use-floating-focus.ts`); `global.css` lets it appear.
      Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 0 } } },
      ModalRoot: { defaultProps: { transitionProps: { duration: 0 } } },
      Modal: {
        defaultProps: {
          padding: 'xl',
          transitionProps: { duration: 0 },
          overlayProps: { backgroundOpacity: 0.4 },
        },
        styles: { title: { fontSize: '16px', lineHeight: '24px', fontWeight: 600 } },
      },
      // Their head is a `<header>`, which outside of sections says that it is the page's own.
      ModalHeader: { defaultProps: { role: 'none' } },
      DrawerHeader: { defaultProps: { role: 'none' } },
      ModalCloseButton: { defaultProps: { 'aria-label': closeLabel } },
      DrawerCloseButton: { defaultProps: { 'aria-label': closeLabel } },
      Radio: { vars: () => ({ root: { '--radio-size': '16px' } }) },
      Checkbox: { vars: () => ({ root: { '--checkbox-size': '16px' } }) },
      Drawer: {
        defaultProps: { transitionProps: { duration: 0 }, overlayProps: { backgroundOpacity: 0.4 } },
      },
    },
  });
}

function tokenVariables(palette: Palette): Record<string, string> {
  return Object.fromEntries(Object.entries(palette).map(([key, value]) => [cssName(key), value]));
}

function schemeVariables(accentColor: string, scheme: 'light' | 'dark'): Record<string, string> {
  const palette = palettes[scheme];
  const accent = accentFor(accentColor, scheme);
  return {
    ...tokenVariables(palette),
    '--fb-accent': accent.fill,
    '--fb-accent-hover': accent.fillHover,
    '--fb-accent-on': accent.on,
    '--fb-accent-text': accent.text,
    '--fb-accent-tint': accent.tint,
    '--fb-shadow-float':
      scheme === 'light'
        ? '0 0 0 1px rgb(20 21 26 / 6%), 0 8px 24px rgb(20 21 26 / 12%)'
        : '0 0 0 1px rgb(255 255 255 / 6%), 0 8px 28px rgb(0 0 0 / 55%)',
    '--mantine-color-body': palette.bg,
    '--mantine-color-text': palette.text,
    '--mantine-color-bright': palette.text,
    '--mantine-color-dimmed': palette.textMuted,
    '--mantine-color-placeholder': palette.textMuted,
    '--mantine-color-anchor': accent.text,
    '--mantine-color-default': palette.bg,
    '--mantine-color-default-hover': palette.hover,
    '--mantine-color-default-color': palette.text,
    '--mantine-color-default-border': palette.border,
    '--mantine-color-error': palette.danger,
    '--mantine-color-success': palette.success,
    '--mantine-color-accent-filled': accent.fill,
    '--mantine-color-accent-filled-hover': accent.fillHover,
    '--mantine-color-accent-text': accent.text,
    '--mantine-color-accent-light': accent.tint,
    '--mantine-color-accent-light-hover': accent.tintHover,
    '--mantine-color-accent-light-color': accent.text,
    '--mantine-color-accent-outline': accent.text,
    '--mantine-primary-color-contrast': accent.on,
    '--mantine-color-gray-text': palette.textMuted,
    '--mantine-color-gray-light': palette.neutralTint,
    '--mantine-color-gray-light-hover': palette.hover,
    '--mantine-color-gray-light-color': palette.textMuted,
    '--mantine-color-red-text': palette.danger,
    '--mantine-color-red-light': palette.dangerTint,
    '--mantine-color-red-light-color': palette.danger,
    '--mantine-color-red-outline': palette.danger,
    '--mantine-color-red-filled': '#c0271f',
    '--mantine-color-red-filled-hover': '#a81f18',
  };
}

export function makeVariablesResolver(accentColor: string): CSSVariablesResolver {
  return () => ({
    variables: {},
    light: schemeVariables(accentColor, 'light'),
    dark: schemeVariables(accentColor, 'dark'),
  });
}
