/** The paperclip: opens the picker of files. */
import { ActionIcon, AppIcon, useMessages } from '@flowbit/ui';
import { type Ref, useImperativeHandle, useRef } from 'react';
import { namedFiles } from './picked-files';
import type { NamedFile } from './upload-queue';
import { fileWords } from './words';

export interface AttachHandle {
  /** Opens the picker. */
  open(): void;
  focus(): void;
}

export interface AttachButtonProps {
  ref?: Ref<AttachHandle>;
  onFiles(files: NamedFile[]): void;
}

export function AttachButton({ ref, onFiles }: AttachButtonProps) {
  const text = useMessages(fileWords);
  const button = useRef<HTMLButtonElement>(null);
  const input = useRef<HTMLInputElement>(null);
  useImperativeHandle(ref, () => ({
    open: () => input.current?.click(),
    focus: () => button.current?.focus(),
  }));
  return (
    <>
      <ActionIcon
        ref={button}
        size={28}
        aria-label={text.attach}
        title={text.attach}
        onClick={() => input.current?.click()}
      >
        <AppIcon name="paperclip" />
      </ActionIcon>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          const { files } = event.currentTarget;
          if (files !== null) onFiles(namedFiles(files));
          // The same file may be picked once more.
          event.currentTarget.value = '';
        }}
      />
    </>
  );
}
