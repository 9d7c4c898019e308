/** Files that are dragged over a part of the page: where they would go, and taking them. */
import { AppIcon } from '@flowbit/ui';
import { type DragEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import classes from './drop-zone.module.css';
import { droppedFiles, holdsFiles } from './picked-files';
import type { NamedFile } from './upload-queue';

/** Nobody loses the page for having missed the zone. */
function keepPage(event: globalThis.DragEvent) {
  if (!holdsFiles(event.dataTransfer) || event.defaultPrevented) return;
  event.preventDefault();
  if (event.type === 'dragover' && event.dataTransfer) event.dataTransfer.dropEffect = 'none';
}

export interface DropHandlers {
  onDragEnter(event: DragEvent): void;
  onDragOver(event: DragEvent): void;
  onDragLeave(event: DragEvent): void;
  onDrop(event: DragEvent): void;
}

/** Spread `handlers` on what takes the files; show the zone within it while `isOver`. */
export function useFileDrop(
  onFiles: (files: NamedFile[]) => void,
  isDisabled = false,
): { isOver: boolean; handlers: DropHandlers } {
  /** Entered before left: of the elements within, each tells of both. */
  const depth = useRef(0);
  const [isOver, setOver] = useState(false);

  useEffect(() => {
    window.addEventListener('dragover', keepPage);
    window.addEventListener('drop', keepPage);
    return () => {
      window.removeEventListener('dragover', keepPage);
      window.removeEventListener('drop', keepPage);
    };
  }, []);

  function isMine(event: DragEvent): boolean {
    return !isDisabled && holdsFiles(event.dataTransfer);
  }

  return {
    isOver,
    handlers: {
      onDragEnter(event) {
        if (!isMine(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      },
      onDragOver(event) {
        if (!isMine(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      },
      onDragLeave(event) {
        if (!isMine(event)) return;
        depth.current = Math.max(0, depth.current - 1);
        if (depth.current === 0) setOver(false);
      },
      onDrop(event) {
        depth.current = 0;
        setOver(false);
        if (!isMine(event)) return;
        event.preventDefault();
        onFiles(droppedFiles(event.dataTransfer));
      },
    },
  };
}

/** Covers what takes the files, which must be `position: relative`. */
export function DropZone({ children }: { children: ReactNode }) {
  return (
    <div className={classes.root} aria-hidden>
      <span className={classes.words}>
        <AppIcon name="paperclip" />
        {children}
      </span>
    </div>
  );
}
