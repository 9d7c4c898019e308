/** The list of macros over the composer: by `/` at the start of a line, or by its button. */
import type { MacroItem } from '@flowbit/api';
import { ActionIcon, AppIcon, defineMessages, useLocale, useMessages } from '@flowbit/ui';
import { Picker } from '../fields/picker';
import { useMacros } from '../model/macros';
import { useAssignees, useTeams } from '../model/queries';
import { describeActions } from './macro-words';

const words = defineMessages({
  en: {
    macros: 'Macros',
    button: 'Use a macro (/)',
    own: 'My own',
    shared: 'Shared',
    failed: 'The macros can’t be loaded',
  },
  de: {
    macros: 'Makros',
    button: 'Makro verwenden (/)',
    own: 'Eigene',
    shared: 'Gemeinsame',
    failed: 'Die Makros können nicht geladen werden',
  },
});

export interface MacroMenuProps {
  ticketId: string;
  isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  onPick(macro: MacroItem): void;
}

/** Most used first: what one reaches for every day is one key away. */
export function byUse(a: MacroItem, b: MacroItem): number {
  return Number(a.shared) - Number(b.shared) || b.usageCount - a.usageCount || a.name.localeCompare(b.name);
}

export function MacroMenu({ ticketId, isOpen, onOpenChange, onPick }: MacroMenuProps) {
  const text = useMessages(words);
  const locale = useLocale();
  const macros = useMacros(ticketId, isOpen);
  const assignees = useAssignees().data;
  const teams = useTeams().data;
  const all = (macros.data ?? []).toSorted(byUse);
  return (
    <Picker
      label={text.macros}
      isLoading={macros.isPending && isOpen}
      {...(macros.isError ? { problem: text.failed } : {})}
      width={360}
      position="top-start"
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      options={all.map((macro) => ({
        value: macro.id,
        label: macro.name,
        hint: describeActions(macro, { assignees, teams }, locale),
        icon: <AppIcon name={macro.internal ? 'lock' : 'message'} />,
        group: macro.shared ? text.shared : text.own,
      }))}
      onPick={(id) => {
        const macro = all.find((one) => one.id === id);
        if (macro) onPick(macro);
      }}
      target={
        <ActionIcon
          variant="subtle"
          color="gray"
          size={32}
          aria-label={text.button}
          title={text.button}
          onClick={() => onOpenChange(!isOpen)}
        >
          <AppIcon name="bolt" />
        </ActionIcon>
      }
    />
  );
}
