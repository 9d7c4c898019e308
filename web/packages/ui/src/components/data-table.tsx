/**
 * A plain table: real `<table>` markup, sticky head, rows that open by click or by their link.
 *
 * For long lists that need virtual rows a screen builds its own; this is for pages of rows.
 */
import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { defineMessages, useMessages } from '../i18n/locale';
import classes from './data-table.module.css';

const words = defineMessages({ en: { loading: 'Loading' }, de: { loading: 'Wird geladen' } });

export interface Column<Row> {
  id: string;
  /** Empty only for a column of actions; give those a `label`. */
  header: ReactNode;
  /** Name for assistive technology where the header shows none. */
  label?: string;
  cell(row: Row): ReactNode;
  width?: number | string;
  align?: 'start' | 'end' | 'center';
  /** Left out below 800 px. */
  isMinor?: boolean;
}

export interface DataTableProps<Row> {
  /** Says what the table holds. */
  caption: string;
  columns: readonly Column<Row>[];
  /** Undefined while loading. */
  rows: readonly Row[] | undefined;
  rowKey(row: Row): string;
  /** The whole row answers to a click; the keyboard uses the button in its first cell. */
  onOpen?: (row: Row) => void;
  /** Name of the row for the button that opens it. */
  openLabel?: (row: Row) => string;
  selectedKey?: string | null;
  skeletonRows?: number;
  /** In place of rows when there are none. */
  empty?: ReactNode;
}

export function DataTable<Row>({
  caption,
  columns,
  rows,
  rowKey,
  onOpen,
  openLabel,
  selectedKey = null,
  skeletonRows = 8,
  empty,
}: DataTableProps<Row>) {
  const text = useMessages(words);
  if (rows?.length === 0 && empty) return empty;
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-busy={rows === undefined}>
        <caption className={classes.caption}>
          {rows === undefined ? `${caption}: ${text.loading}` : caption}
        </caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                style={column.width === undefined ? undefined : { width: column.width }}
                data-align={column.align}
                data-minor={column.isMinor || undefined}
                aria-label={column.label}
              >
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows === undefined
            ? Array.from({ length: skeletonRows }, (_, index) => index).map((row) => (
                <tr key={row} aria-hidden>
                  {columns.map((column, index) => (
                    <td key={column.id} data-minor={column.isMinor || undefined}>
                      <Skeleton height={10} width={index === 0 ? '70%' : '50%'} radius={3} />
                    </td>
                  ))}
                </tr>
              ))
            : rows.map((row) => {
                const key = rowKey(row);
                return (
                  <tr
                    key={key}
                    data-selected={key === selectedKey || undefined}
                    data-opens={onOpen ? true : undefined}
                    onClick={(event) => {
                      // Times lie above the button's reach, so that they can show the exact one on hover.
                      if (event.target instanceof Element && event.target.closest('time')) onOpen?.(row);
                    }}
                  >
                    {columns.map((column, index) => (
                      <td key={column.id} data-align={column.align} data-minor={column.isMinor || undefined}>
                        {index === 0 && onOpen ? (
                          <button
                            type="button"
                            className={classes.open}
                            onClick={() => onOpen(row)}
                            aria-label={openLabel?.(row)}
                            aria-current={key === selectedKey || undefined}
                          >
                            {column.cell(row)}
                          </button>
                        ) : (
                          column.cell(row)
                        )}
                      </td>
                    ))}
                  </tr>
                );
              })}
        </tbody>
      </table>
    </div>
  );
}
