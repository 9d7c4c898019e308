/** The contract between the shell and the screens: the only thing that both of them know. */
export { type Kept, type KeptOptions, readKept, useKept, writeKept } from './kept';
export { matchPath, type PathParams } from './match-path';
export type {
  Command,
  Excerpt,
  Locale,
  NavigateOptions,
  ScreenContext,
  ScreenInfo,
  ScreenModule,
  ScreenProps,
  SearchHit,
  Toast,
} from './screen';
export {
  ScreenPropsContext,
  useCommands,
  useConnectionState,
  useLiveEvents,
  useRoute,
  useScreen,
  useTitle,
} from './use-screen';
