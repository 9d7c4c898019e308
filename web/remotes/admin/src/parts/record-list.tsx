/** Records as a table where there is room, and as a list on a phone. */
import { DataTable, type DataTableProps, SkeletonRows, useMediaQuery } from '@flowbit/ui';
import { type CSSProperties, type ReactNode, useRef } from 'react';
import classes from './record-list.module.css';
import { useListKeys } from './use-list-keys';

export interface RecordListProps<Row> extends DataTableProps<Row> {
  onOpen: (row: Row) => void;
  /** A record on a phone, without controls of its own. */
  item(row: Row): ReactNode;
  /** Closes what is open. */
  onClose?: () => void;
  /** Height of a row in the table, in pixels, so that nothing jumps when the rows come. */
  rowHeight?: number;
}

export function RecordList<Row>({ item, onClose, rowHeight = 40, ...table }: RecordListProps<Row>) {
  const root = useRef<HTMLDivElement>(null);
  const isNarrow = useMediaQuery('(max-width: 800px)', false, { getInitialValueInEffect: false });
  const { rows, rowKey, onOpen, selectedKey = null } = table;
  useListKeys({ root, rows, rowKey, selectedKey, onOpen, onClose });

  if (!isNarrow) {
    return (
      <div ref={root} className={classes.wide} style={{ '--row-height': `${rowHeight}px` } as CSSProperties}>
        <DataTable {...table} />
      </div>
    );
  }
  if (rows === undefined) return <SkeletonRows rows={table.skeletonRows ?? 8} height={65} lines={2} />;
  if (rows.length === 0) return table.empty;
  return (
    <div ref={root}>
      <ul className={classes.narrow} aria-label={table.caption}>
        {rows.map((row) => {
          const key = rowKey(row);
          return (
            <li key={key} className={classes.item} data-selected={key === selectedKey || undefined}>
              <button type="button" data-row className={classes.open} onClick={() => onOpen(row)}>
                {item(row)}
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
