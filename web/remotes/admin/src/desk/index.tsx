/** `./Desk`: macros, custom fields, tags and settings, and the palette's way to them. */
import type { Command, ScreenContext } from '@flowbit/contract';

export { DeskScreen as default } from './desk-screen';

const WORDS = {
  en: {
    macro: 'Make a macro',
    team: 'Make a team',
    field: 'Define a field',
    tags: 'Show tags',
    requests: 'Set how long requests can be reopened',
  },
  de: {
    macro: 'Makro anlegen',
    team: 'Team anlegen',
    field: 'Feld anlegen',
    tags: 'Schlagwörter zeigen',
    requests: 'Einstellen, wie lange Anfragen wieder geöffnet werden können',
  },
};

export function commands({ locale, navigate, can }: ScreenContext): Command[] {
  const words = WORDS[locale];
  const all: Command[] = [
    {
      id: 'macro',
      label: words.macro,
      icon: 'bolt',
      keywords: ['canned reply', 'Textbaustein'],
      run: () => navigate('/new'),
    },
  ];
  if (!can('admin')) return all;
  return [
    ...all,
    { id: 'team', label: words.team, icon: 'users', run: () => navigate('/teams/new') },
    { id: 'field', label: words.field, icon: 'plus', run: () => navigate('/fields/new') },
    { id: 'tags', label: words.tags, icon: 'tags', run: () => navigate('/tags') },
    { id: 'requests', label: words.requests, icon: 'replay', run: () => navigate('/requests') },
  ];
}
