/** The grid of a wide row: number and title, and the columns that were chosen. */
import type { ViewColumn } from '@flowbit/api';
import { COLUMNS } from '../model/ticket-filter';

const WIDTHS: Record<ViewColumn, string> = {
  priority: 'auto',
  tags: 'minmax(0, 1fr)',
  workflow: 'auto',
  messages: '32px',
  status: '96px',
  requester: '112px',
  assignee: '136px',
  team: '112px',
  createdAt: '76px',
  updatedAt: '76px',
  resolvedAt: '76px',
};

/** As the value of `grid-template`. */
export function columnTemplate(columns: readonly ViewColumn[]): string {
  const shown = COLUMNS.filter((column) => columns.includes(column) && column !== 'priority');
  // The room that is left is for tags; without them, for titles.
  const title = shown.includes('tags') ? 'minmax(0, max-content)' : 'minmax(0, 1fr)';
  const areas = ['priority', 'number', 'title', ...shown].join(' ');
  const widths = ['16px', 'minmax(44px, auto)', title, ...shown.map((column) => WIDTHS[column])].join(' ');
  return `'${areas}' 100% / ${widths}`;
}
