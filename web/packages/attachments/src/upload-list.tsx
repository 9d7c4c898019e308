/** The files that will go with what is being written: how far each one is, and what can be done about it. */
import { ActionIcon, AppIcon, defineMessages, useFormats, useMessages, VisuallyHidden } from '@flowbit/ui';
import { useEffect, useRef, useState } from 'react';
import { mayRetry, useDescribeRefusal } from './describe-refusal';
import { iconOf } from './file-kind';
import classes from './upload-list.module.css';
import type { Upload } from './upload-queue';
import type { Uploads } from './use-uploads';

const words = defineMessages({
  en: {
    list: 'Files to send',
    waiting: 'Waiting',
    uploading: (percent: string) => `Uploading ${percent}`,
    progress: (name: string) => `Uploading ${name}`,
    retry: (name: string) => `Upload ${name} again`,
    remove: (name: string) => `Remove ${name}`,
    uploaded: (name: string) => `${name} is uploaded.`,
    refused: (name: string, reason: string) => `${name} was not uploaded. ${reason}`,
  },
  de: {
    list: 'Dateien zum Senden',
    waiting: 'Wartet',
    uploading: (percent: string) => `Wird hochgeladen, ${percent}`,
    progress: (name: string) => `${name} wird hochgeladen`,
    retry: (name: string) => `${name} noch einmal hochladen`,
    remove: (name: string) => `${name} entfernen`,
    uploaded: (name: string) => `${name} ist hochgeladen.`,
    refused: (name: string, reason: string) => `${name} wurde nicht hochgeladen. ${reason}`,
  },
});

/** Says what has arrived and what has not; on the way nothing is said. */
function useAnnouncement(items: readonly Upload[]): string {
  const text = useMessages(words);
  const describe = useDescribeRefusal();
  const known = useRef(new Map(items.map(({ key, state }) => [key, state])));
  const [said, setSaid] = useState('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: said once for each change, not for each way to say it
  useEffect(() => {
    const before = known.current;
    known.current = new Map(items.map(({ key, state }) => [key, state]));
    const news = items.flatMap(({ key, name, state, error }) => {
      // What was put back has arrived before.
      if (before.get(key) === state || (state === 'done' && !before.has(key))) return [];
      if (state === 'done') return [text.uploaded(name)];
      return state === 'failed' ? [text.refused(name, describe(error))] : [];
    });
    if (news.length > 0) setSaid(news.join(' '));
  }, [items]);
  return said;
}

export interface UploadListProps {
  uploads: Pick<Uploads, 'items' | 'retry' | 'remove'>;
  /** The button that is pressed goes with its file: where the focus goes. */
  onRemoved?(): void;
}

export function UploadList({ uploads, onRemoved }: UploadListProps) {
  const text = useMessages(words);
  const { items, retry, remove } = uploads;
  const said = useAnnouncement(items);
  return (
    <>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      {items.length > 0 && (
        <ul className={classes.list} aria-label={text.list}>
          {items.map((upload) => (
            <UploadChip
              key={upload.key}
              upload={upload}
              onRetry={() => retry(upload.key)}
              onRemove={() => {
                remove(upload.key);
                onRemoved?.();
              }}
            />
          ))}
        </ul>
      )}
    </>
  );
}

interface UploadChipProps {
  upload: Upload;
  onRetry(): void;
  onRemove(): void;
}

function UploadChip({ upload, onRetry, onRemove }: UploadChipProps) {
  const text = useMessages(words);
  const formats = useFormats();
  const describe = useDescribeRefusal();
  const { name, size, mediaType, state, sent, error } = upload;
  const percent = size === 0 ? 0 : Math.min(99, Math.floor((100 * sent) / size));
  const hasFailed = state === 'failed';

  function factOf(): string {
    if (state === 'waiting') return text.waiting;
    if (state === 'uploading') return text.uploading(formats.percent(percent));
    return hasFailed ? describe(error) : formats.size(size);
  }

  return (
    <li className={classes.chip} data-state={state}>
      <AppIcon name={hasFailed ? 'alert-circle' : iconOf(mediaType)} />
      <span className={classes.words}>
        <span className={classes.name} title={name}>
          {name}
        </span>
        <span className={classes.fact}>{factOf()}</span>
      </span>
      {hasFailed && mayRetry(error) && (
        <ActionIcon size={24} aria-label={text.retry(name)} title={text.retry(name)} onClick={onRetry}>
          <AppIcon name="refresh" size={14} />
        </ActionIcon>
      )}
      <ActionIcon size={24} aria-label={text.remove(name)} title={text.remove(name)} onClick={onRemove}>
        <AppIcon name="x" size={14} />
      </ActionIcon>
      {state === 'uploading' && (
        <progress className={classes.progress} aria-label={text.progress(name)} value={percent} max={100} />
      )}
    </li>
  );
}
