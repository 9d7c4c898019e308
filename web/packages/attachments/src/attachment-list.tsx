/** The files of a message or a description: pictures small, the others by name; each is shown or saved. */
import { type Attachment, queryKeys, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import {
  ActionIcon,
  AppIcon,
  ConfirmDialog,
  defineMessages,
  ErrorState,
  Menu,
  Modal,
  useFormats,
  useIntersection,
  useMessages,
} from '@flowbit/ui';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import classes from './attachment-list.module.css';
import { iconOf, previewOf } from './file-kind';
import { useBytes, useDownload, useObjectUrl } from './use-bytes';
import { fileWords } from './words';

const words = defineMessages({
  en: {
    more: (name: string) => `More about ${name}`,
    download: 'Download',
    remove: 'Delete file…',
    removeTitle: 'Delete this file?',
    removeMeaning: (name: string) =>
      `“${name}” is gone for everyone and can’t be brought back. The audit trail keeps that it was deleted, and by whom.`,
    confirm: 'Delete file',
    close: 'Close',
  },
  de: {
    more: (name: string) => `Mehr zu ${name}`,
    download: 'Herunterladen',
    remove: 'Datei löschen …',
    removeTitle: 'Diese Datei löschen?',
    removeMeaning: (name: string) =>
      `„${name}“ verschwindet für alle und lässt sich nicht zurückholen. Das Protokoll behält, dass die Datei gelöscht wurde und von wem.`,
    confirm: 'Datei löschen',
    close: 'Schließen',
  },
});

/** Larger pictures are loaded when they are opened. */
const AUTOLOAD_BYTES = 2_000_000;

/** What shows files is a program of its own, loaded when one is opened. */
const program = queryOptions({
  queryKey: ['program', 'preview'],
  queryFn: () => import('./preview-dialog'),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  // It is a module, and nothing to compare.
  structuralSharing: false,
});

export interface AttachmentListProps {
  attachments: readonly Attachment[];
  /** In one column, by name alone. */
  isCompact?: boolean;
}

export function AttachmentList({ attachments, isCompact = false }: AttachmentListProps) {
  const text = useMessages(words);
  const naming = useMessages(fileWords);
  const { client, can } = useScreen();
  const queryClient = useQueryClient();
  const { download, loadingId } = useDownload();
  const [shownId, setShownId] = useState<string | null>(null);
  const [wasShown, setWasShown] = useState(false);
  const [parting, setParting] = useState<Attachment | null>(null);
  const preview = useQuery({ ...program, enabled: wasShown });
  const shown = attachments.find(({ id }) => id === shownId) ?? null;

  if (attachments.length === 0) return null;

  function open(file: Attachment) {
    if (previewOf(file) === null) {
      void download(file);
      return;
    }
    setWasShown(true);
    setShownId(file.id);
  }

  async function remove({ id, ticketId }: Attachment) {
    await unwrap(client.DELETE('/api/attachments/{id}', { params: { path: { id } } }));
    if (ticketId === null) return;
    void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.messages(ticketId) });
    void queryClient.invalidateQueries({ queryKey: queryKeys.tickets.attachments(ticketId) });
  }

  return (
    <>
      <ul className={classes.list} aria-label={naming.attachments} data-compact={isCompact || undefined}>
        {attachments.map((file) => (
          <File
            key={file.id}
            file={file}
            isPicture={!isCompact && previewOf(file) === 'image'}
            isLoading={loadingId === file.id}
            onOpen={() => open(file)}
            menu={
              can('admin') &&
              file.ticketId !== null && (
                <Menu position="bottom-end">
                  <Menu.Target>
                    <ActionIcon
                      size={24}
                      className={classes.more ?? ''}
                      aria-label={text.more(file.name)}
                      title={text.more(file.name)}
                    >
                      <AppIcon name="dots" size={14} />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item
                      leftSection={<AppIcon name="download" size={14} />}
                      onClick={() => void download(file)}
                    >
                      {text.download}
                    </Menu.Item>
                    <Menu.Item
                      color="red"
                      leftSection={<AppIcon name="trash" size={14} />}
                      onClick={() => setParting(file)}
                    >
                      {text.remove}
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              )
            }
          />
        ))}
      </ul>
      {preview.data && (
        <preview.data.PreviewDialog
          files={attachments.filter((file) => previewOf(file) !== null)}
          shown={shown}
          isDownloading={loadingId !== null}
          onShow={({ id }) => setShownId(id)}
          onDownload={(file) => void download(file)}
          onClose={() => setShownId(null)}
        />
      )}
      {preview.isError && (
        <Modal
          opened={shown !== null}
          onClose={() => setShownId(null)}
          title={shown?.name}
          closeButtonProps={{ 'aria-label': text.close }}
        >
          <ErrorState variant="inline" error={preview.error} onRetry={() => void preview.refetch()} />
        </Modal>
      )}
      <ConfirmDialog
        opened={parting !== null}
        onClose={() => setParting(null)}
        title={text.removeTitle}
        confirmLabel={text.confirm}
        isDangerous
        onConfirm={() => parting && remove(parting)}
      >
        {parting && text.removeMeaning(parting.name)}
      </ConfirmDialog>
    </>
  );
}

interface FileProps {
  file: Attachment;
  isPicture: boolean;
  isLoading: boolean;
  menu: ReactNode;
  onOpen(): void;
}

function File({ file, isPicture, isLoading, menu, onOpen }: FileProps) {
  const naming = useMessages(fileWords);
  const formats = useFormats();
  const { name, mediaType, size } = file;
  const label = previewOf(file) === null ? naming.download(name) : naming.preview(name);
  return (
    <li className={classes.file} data-picture={isPicture || undefined}>
      <button
        type="button"
        className={classes.open}
        aria-label={`${label}, ${formats.size(size)}`}
        aria-busy={isLoading || undefined}
        title={name}
        onClick={onOpen}
      >
        {isPicture ? <Thumbnail file={file} /> : <AppIcon name={iconOf(mediaType)} />}
        <span className={classes.words}>
          <span className={classes.name}>{name}</span>
          <span className={classes.size}>{formats.size(size)}</span>
        </span>
      </button>
      {menu}
    </li>
  );
}

/** Of a fixed size, so that nothing moves when the picture comes; it is asked for when it is nearly in view. */
function Thumbnail({ file }: { file: Attachment }) {
  const { ref, entry } = useIntersection({ rootMargin: '200px' });
  const [wasSeen, setSeen] = useState(false);
  if (entry?.isIntersecting && !wasSeen) setSeen(true);
  const bytes = useBytes(file.id, wasSeen && file.size <= AUTOLOAD_BYTES);
  const url = useObjectUrl(bytes.data);
  const [isBroken, setBroken] = useState(false);
  return (
    <span ref={ref} className={classes.frame}>
      {url !== null && !isBroken ? (
        <img className={classes.image} src={url} alt="" onError={() => setBroken(true)} />
      ) : (
        <AppIcon name="photo" size={20} />
      )}
    </span>
  );
}
