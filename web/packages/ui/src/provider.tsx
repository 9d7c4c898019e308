/** The kit's root: theme, accent and language. Only the shell (and tests) mount it. */
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { defineMessages, type Locale, LocaleProvider } from './i18n/locale';
import { DEFAULT_ACCENT } from './theme/accent';
import { makeTheme, makeVariablesResolver } from './theme/theme';

const words = defineMessages({ en: { close: 'Close' }, de: { close: 'Schließen' } });

const colorSchemeManager = localStorageColorSchemeManager({ key: 'flowbit-color-scheme' });

export interface FlowbitProviderProps {
  locale: Locale;
  /** The company's colour; the kit's own while nobody is signed in. */
  accentColor?: string | undefined;
  /** The nonce for styles that are made at run time. */
  nonce?: string | undefined;
  children: ReactNode;
}

export function FlowbitProvider({
  locale,
  accentColor = DEFAULT_ACCENT,
  nonce,
  children,
}: FlowbitProviderProps) {
  const theme = useMemo(() => makeTheme(accentColor, words[locale].close), [accentColor, locale]);
  const resolver = useMemo(() => makeVariablesResolver(accentColor), [accentColor]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolver}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemeManager}
      getStyleNonce={() => nonce ?? ''}
    >
      <LocaleProvider locale={locale}>{children}</LocaleProvider>
    </MantineProvider>
  );
}
