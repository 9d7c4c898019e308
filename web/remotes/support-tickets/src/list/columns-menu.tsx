/** Which columns a wide list has, and how high its rows are. */
import type { ViewColumn } from '@flowbit/api';
import { ActionIcon, AppIcon, defineMessages, Menu, useMessages, VisuallyHidden } from '@flowbit/ui';
import { fieldWords } from '../fields/words';
import { COLUMNS, type TicketFilter, USUAL_COLUMNS } from '../model/ticket-filter';
import type { View } from '../model/views';
import { useDensity } from './use-density';

const words = defineMessages({
  en: {
    columns: 'Columns and density',
    usual: 'Usual columns',
    dense: 'Compact rows',
    isChosen: '(chosen)',
    messages: 'Messages',
    createdAt: 'Raised',
    updatedAt: 'Changed',
    resolvedAt: 'Resolved',
  },
  de: {
    columns: 'Spalten und Zeilenhöhe',
    usual: 'Übliche Spalten',
    dense: 'Kompakte Zeilen',
    isChosen: '(gewählt)',
    messages: 'Nachrichten',
    createdAt: 'Gestellt',
    updatedAt: 'Geändert',
    resolvedAt: 'Gelöst',
  },
});

/** The kit's menu has plain items: what is chosen is said in words. */
function Chosen() {
  const text = useMessages(words);
  return (
    <>
      <AppIcon name="check" />
      <VisuallyHidden>{text.isChosen}</VisuallyHidden>
    </>
  );
}

/** A column's name. */
export function useColumnNames(): Record<ViewColumn, string> {
  return { ...useMessages(fieldWords), ...useMessages(words) };
}

export interface ColumnsMenuProps {
  filter: TicketFilter;
  view: View;
  onChange(filter: TicketFilter): void;
}

export function ColumnsMenu({ filter, view, onChange }: ColumnsMenuProps) {
  const text = useMessages(words);
  const names = useColumnNames();
  const [isDense, setDense] = useDensity();
  const shown = filter.columns ?? view.columns ?? USUAL_COLUMNS;

  function toggle(column: ViewColumn) {
    const next = COLUMNS.filter((one) => (one === column ? !shown.includes(one) : shown.includes(one)));
    if (next.length > 0) onChange({ ...filter, columns: next });
  }

  return (
    <Menu position="bottom-end" width={220} closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon size={32} aria-label={text.columns} title={text.columns}>
          <AppIcon name="dashboard" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {COLUMNS.map((column) => (
          <Menu.Item
            key={column}
            rightSection={shown.includes(column) ? <Chosen /> : undefined}
            onClick={() => toggle(column)}
          >
            {names[column]}
          </Menu.Item>
        ))}
        {filter.columns !== null && (
          <Menu.Item onClick={() => onChange({ ...filter, columns: null })}>{text.usual}</Menu.Item>
        )}
        <Menu.Item rightSection={isDense ? <Chosen /> : undefined} onClick={() => setDense(!isDense)}>
          {text.dense}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
