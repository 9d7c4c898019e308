/** The kit: every screen's components, words for states, times, keys and theme. */
export { AppIcon, type AppIconProps } from './components/app-icon';
export { ConfirmDialog, type ConfirmDialogProps } from './components/confirm-dialog';
export { CopyField, type CopyFieldProps } from './components/copy-field';
export { type Column, DataTable, type DataTableProps } from './components/data-table';
export { type DescribedError, describeError } from './components/describe-error';
export { EmptyState, type EmptyStateProps } from './components/empty-state';
export { ErrorState, type ErrorStateProps } from './components/error-state';
export { KeyHint } from './components/key-hint';
export { PageHeader, type PageHeaderProps } from './components/page-header';
export { PriorityBars, type PriorityBarsProps } from './components/priority-bars';
export { RelativeTime, type RelativeTimeProps } from './components/relative-time';
export { SkeletonRows, type SkeletonRowsProps } from './components/skeleton-rows';
export {
  DeliveryBadge,
  StateBadge,
  type StateBadgeProps,
  StatusBadge,
  stateWords,
  type Tone,
  WorkflowBadge,
} from './components/state-badge';
export { areSingleKeysOn, type Hotkey, setSingleKeys } from './hooks/hotkeys';
export { useBoundHotkeys, useHotkeys } from './hooks/use-hotkeys';
export { type Formats, formatsFor, type TimeStyle, useFormats } from './i18n/format';
export {
  defineMessages,
  type Locale,
  LocaleProvider,
  type Messages,
  plural,
  useLocale,
  useMessages,
} from './i18n/locale';
export { type IconName, icons, isIconName } from './icons';
export * from './mantine';
export { FlowbitProvider, type FlowbitProviderProps } from './provider';
export { accentFor, DEFAULT_ACCENT } from './theme/accent';
export { contrast } from './theme/contrast';
