/** `./Audit`: the audit trail, and the palette's way to its proof. */
import type { Command, ScreenContext } from '@flowbit/contract';

export { AuditScreen as default } from './audit-screen';

const WORDS = {
  en: {
    verify: 'Verify the audit trail',
    refused: 'Show refused sign-ins',
    keywords: ['hash', 'chain', 'proof'],
  },
  de: {
    verify: 'Protokoll prüfen',
    refused: 'Abgelehnte Anmeldungen zeigen',
    keywords: ['Hash', 'Kette', 'Beweis'],
  },
};

export function commands({ locale, navigate }: ScreenContext): Command[] {
  const { verify, refused, keywords } = WORDS[locale];
  return [
    { id: 'verify', label: verify, icon: 'shield-check', keywords, run: () => navigate('/verify') },
    { id: 'refused', label: refused, icon: 'lock', run: () => navigate('/?action=auth.refused') },
  ];
}
