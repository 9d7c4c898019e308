/** What the field of a text is to the composer, be it plain or with formatting. */
import type { DraftKind } from '@flowbit/api';
import type { Ref } from 'react';
import type { Written } from './written';

/** Where the caret stands. */
export interface Place {
  /** What stands before it in its line. */
  before: string;
  /** Something is selected, or it stands in code: keys mean themselves. */
  isLiteral: boolean;
}

export interface FieldHandle {
  focus(): void;
  /** In place of what is selected, or at the caret. */
  insert(text: string): void;
  getPlace(): Place;
}

export interface FieldProps {
  ref: Ref<FieldHandle>;
  kind: DraftKind;
  value: Written;
  label: string;
  placeholder: string;
  isReadOnly: boolean;
  /** Why it can't be sent as it is. */
  problem: string | undefined;
  onChange(kind: DraftKind, value: Written): void;
  onBlur(): void;
  /** Answers whether the key was for somebody else than the text. */
  onKey(event: KeyboardEvent, getPlace: () => Place): boolean;
  /** Answers whether files were taken of what is pasted. */
  onFiles(data: DataTransfer | null): boolean;
}
