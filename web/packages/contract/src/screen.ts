/** What the shell hands to a screen, and what a screen's module may offer to the shell. */
import type { ApiClient, Customer, LiveEvents, Role, SessionUser } from '@flowbit/api';
import type { ComponentType } from 'react';

export type ColorScheme = 'light' | 'dark';
export type Locale = 'en' | 'de';

export interface NavigateOptions {
  /** Takes the place of the present history entry. */
  replace?: boolean;
  /** Keeps the scroll position, e.g. when only a filter changed. */
  keepScroll?: boolean;
}

export interface Toast {
  kind?: 'info' | 'success' | 'warning' | 'error';
  /** What happened, in a few words. */
  title: string;
  /** What it means, or what to do. */
  detail?: string;
  action?: { label: string; run(): void };
  /** A toast with the same key takes the place of the earlier one. */
  key?: string;
}

/** Something that can be done from the palette. */
export interface Command {
  /** Unique within the screen. */
  id: string;
  label: string;
  /** Name of an icon of the kit. */
  icon?: string;
  /** Words that find it although they are not in its label. */
  keywords?: string[];
  /** Shown beside it, e.g. `c`; the key itself is bound with `useHotkeys`. */
  keys?: string;
  run(): void;
}

/** Where the words of a search stand in what was found. */
export interface Excerpt {
  /** What it is of: a description, a message. */
  place: string;
  /** For the staff alone. */
  isInternal: boolean;
  /** On one line. */
  text: string;
  /** The words in `text`, each from its first UTF-16 code unit to that after its last. */
  ranges: readonly (readonly number[])[];
}

/** A thing that the palette found. */
export interface SearchHit {
  id: string;
  title: string;
  /** Second line: number, customer, state. */
  detail?: string;
  icon?: string;
  /** Path within the screen. */
  path: string;
  /** Asked once it is shown, for a line beneath it; null for none. Without it no room is kept for one. */
  findExcerpt?(signal: AbortSignal): Promise<Excerpt | null>;
}

export interface ScreenInfo {
  id: string;
  title: string;
  icon: string;
  /** Where the screen stands, without a slash at its end: `/tickets`. */
  basePath: string;
  /** The module it shows, e.g. `./Tickets`: the way to find a screen whatever its path. */
  module: string;
}

/** What every part of a screen may rely on. */
export interface ScreenProps {
  screen: ScreenInfo;
  basePath: string;
  /** The address under `basePath`: `/` or `/4711/edit`. Never with the query. */
  path: string;
  /** The query of the address. */
  search: URLSearchParams;
  /** Goes to a path within this screen: `navigate('/4711')`, `navigate('?status=open')`. */
  navigate(to: string, options?: NavigateOptions): void;
  /** The whole address of a path within this screen, for links: `<a href={href('/4711')}>`. */
  href(to: string): string;
  /** Another screen that this person has, by its module; null if they have none. */
  findScreen(module: string): ScreenInfo | null;

  user: SessionUser;
  customer: Customer;
  locale: Locale;
  colorScheme: ColorScheme;
  /** True if the person has one of the roles. The server decides all the same. */
  can(...roles: Role[]): boolean;

  client: ApiClient;
  events: LiveEvents;

  toast(toast: Toast): void;
  openPalette(query?: string): void;
  /** Adds commands to the palette; returns the way to take them back. Usually by `useCommands`. */
  registerCommands(commands: readonly Command[]): () => void;
  /** Says what the document's title shows before the screen's; null for nothing. */
  setTitle(title: string | null): void;
  /** While true, leaving the page asks first. For unsent text that is not kept as a draft. */
  setUnsaved(unsaved: boolean): void;
}

/** What static commands and searches get: all that does not depend on the screen being shown. */
export type ScreenContext = Omit<ScreenProps, 'path' | 'search' | 'setTitle' | 'setUnsaved'>;

/** What an exposed module holds. Only the screen itself is required. */
export interface ScreenModule {
  default: ComponentType;
  /** Commands that are there although another screen is shown. */
  commands?: (context: ScreenContext) => Command[];
  /** Answers the palette's search. */
  search?: (context: ScreenContext, query: string, signal: AbortSignal) => Promise<SearchHit[]>;
}
