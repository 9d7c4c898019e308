/** The kit: every screen's components, words for states, times, keys and theme. */
export { AppIcon } from './components/app-icon';
export { ConfirmDialog } from './components/confirm-dialog';
export { CopyField } from './components/copy-field';
export { type Column, DataTable, type DataTableProps } from './components/data-table';
export { describeError } from './components/describe-error';
export { EmptyState } from './components/empty-state';
export { ErrorState, type ErrorStateProps } from './components/error-state';
export { ExcerptLine, type ExcerptLineProps } from './components/excerpt-line';
export { KeyHint } from './components/key-hint';
export { MarkedText } from './components/marked-text';
export { Drawer, Modal } from './components/modal';
export { PageHeader } from './components/page-header';
export { PriorityBars } from './components/priority-bars';
export { RelativeTime, type RelativeTimeProps } from './components/relative-time';
export { SkeletonRows } from './components/skeleton-rows';
export {
  DeliveryBadge,
  StateBadge,
  type StateBadgeProps,
  StatusBadge,
  stateWords,
  WorkflowBadge,
} from './components/state-badge';
export { areSingleKeysOn, type Hotkey, setSingleKeys, strokeOf } from './hooks/hotkeys';
export {
  canChooseKeys,
  chooseKeys,
  findKeyProblem,
  forgetKeyChoices,
  type KeyProblem,
} from './hooks/key-choices';
export { useFloatingFocus } from './hooks/use-floating-focus';
export { useBoundHotkeys, useHotkeys, useKeyChoices } from './hooks/use-hotkeys';
export { useStickToEnd } from './hooks/use-stick-to-end';
export { formatsFor, useFormats } from './i18n/format';
export { defineMessages, type Locale, plural, useLocale, useMessages } from './i18n/locale';
export type { IconName } from './icons';
export * from './mantine';
export { FlowbitProvider } from './provider';
export { type MarkedPart, markRanges } from './text/mark-ranges';
export { splitLinks, type TextPart } from './text/split-links';
