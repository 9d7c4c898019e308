/** `./Screens`: which screens the company has. */
import type { Command, ScreenContext } from '@flowbit/contract';

export { ScreensScreen as default } from './screens-screen';

const SHOW = {
  en: { label: 'Switch and order screens', keywords: ['navigation', 'modules', 'health', 'remote'] },
  de: { label: 'Bereiche schalten und ordnen', keywords: ['Navigation', 'Module', 'Zustand'] },
};

export function commands({ locale, navigate }: ScreenContext): Command[] {
  return [{ id: 'show', icon: 'dashboard', run: () => navigate('/'), ...SHOW[locale] }];
}
