/** One file in large, and the way to those beside it. */
import type { Attachment } from '@flowbit/api';
import {
  ActionIcon,
  AppIcon,
  Button,
  defineMessages,
  ErrorState,
  Modal,
  Skeleton,
  useFormats,
  useMediaQuery,
  useMessages,
  VisuallyHidden,
} from '@flowbit/ui';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useState } from 'react';
import { previewOf } from './file-kind';
import classes from './preview-dialog.module.css';
import { useBytes, useObjectUrl } from './use-bytes';

const words = defineMessages({
  en: {
    close: 'Close',
    download: 'Download',
    previous: 'Previous file',
    next: 'Next file',
    place: (at: number, count: number) => `${at} of ${count}`,
    loading: 'Loading',
    broken: 'This file can’t be shown',
    brokenMeaning: 'It may be damaged or protected. Download it to open it with another program.',
  },
  de: {
    close: 'Schließen',
    download: 'Herunterladen',
    previous: 'Vorige Datei',
    next: 'Nächste Datei',
    place: (at: number, count: number) => `${at} von ${count}`,
    loading: 'Wird geladen',
    broken: 'Diese Datei lässt sich nicht zeigen',
    brokenMeaning:
      'Vielleicht ist sie beschädigt oder geschützt. Laden Sie sie herunter, um sie mit einem anderen Programm zu öffnen.',
  },
});

/** The reader of PDF is large: it comes when one is opened. */
const pdfProgram = queryOptions({
  queryKey: ['program', 'pdf'],
  queryFn: () => import('./pdf-view'),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  // It is a module, and nothing to compare.
  structuralSharing: false,
});

export interface PreviewDialogProps {
  /** Those that can be shown. */
  files: readonly Attachment[];
  /** Null: the dialog is closed. */
  shown: Attachment | null;
  isDownloading: boolean;
  onShow(file: Attachment): void;
  onDownload(file: Attachment): void;
  onClose(): void;
}

export function PreviewDialog({
  files,
  shown,
  isDownloading,
  onShow,
  onDownload,
  onClose,
}: PreviewDialogProps) {
  const text = useMessages(words);
  const formats = useFormats();
  const isPhone = useMediaQuery('(max-width: 600px)', false, { getInitialValueInEffect: false });
  const at = files.findIndex(({ id }) => id === shown?.id);
  const previous = files[at - 1];
  const next = at < 0 ? undefined : files[at + 1];

  function onKeyDown(event: KeyboardEvent) {
    const way = { ArrowLeft: previous, ArrowRight: next }[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    onShow(way);
  }

  return (
    <Modal
      opened={shown !== null}
      onClose={onClose}
      onKeyDown={onKeyDown}
      title={shown?.name}
      size={1120}
      padding="md"
      yOffset="4vh"
      fullScreen={isPhone}
      closeButtonProps={{ 'aria-label': text.close }}
      classNames={{ title: classes.title ?? '' }}
    >
      {shown && (
        <>
          <VisuallyHidden role="status">
            {shown.name}, {text.place(at + 1, files.length)}
          </VisuallyHidden>
          <div className={classes.stage}>
            <Preview key={shown.id} file={shown} />
          </div>
          <div className={classes.foot}>
            {files.length > 1 && (
              <>
                <ActionIcon
                  size={32}
                  aria-label={text.previous}
                  title={text.previous}
                  disabled={!previous}
                  onClick={() => previous && onShow(previous)}
                >
                  <AppIcon name="chevron-left" />
                </ActionIcon>
                <span className={classes.fact}>{text.place(at + 1, files.length)}</span>
                <ActionIcon
                  size={32}
                  aria-label={text.next}
                  title={text.next}
                  disabled={!next}
                  onClick={() => next && onShow(next)}
                >
                  <AppIcon name="chevron-right" />
                </ActionIcon>
              </>
            )}
            <span className={classes.size}>{formats.size(shown.size)}</span>
            <Button
              variant="default"
              leftSection={<AppIcon name="download" size={14} />}
              loading={isDownloading}
              onClick={() => onDownload(shown)}
            >
              {text.download}
            </Button>
          </div>
        </>
      )}
    </Modal>
  );
}

function Preview({ file }: { file: Attachment }) {
  const text = useMessages(words);
  const isPdf = previewOf(file) === 'pdf';
  const bytes = useBytes(file.id, true);
  const pdf = useQuery({ ...pdfProgram, enabled: isPdf });
  const url = useObjectUrl(isPdf ? undefined : bytes.data);
  const [isBroken, setBroken] = useState(false);

  if (isBroken) {
    return (
      <ErrorState variant="inline" title={text.broken}>
        {text.brokenMeaning}
      </ErrorState>
    );
  }
  const failed = bytes.isError ? bytes : isPdf && pdf.isError ? pdf : null;
  if (failed) {
    return <ErrorState variant="inline" error={failed.error} onRetry={() => void failed.refetch()} />;
  }
  if (isPdf && pdf.data && bytes.data) {
    return <pdf.data.PdfView bytes={bytes.data} onBroken={() => setBroken(true)} />;
  }
  if (url !== null) {
    return <img className={classes.image} src={url} alt={file.name} onError={() => setBroken(true)} />;
  }
  return (
    <div className={classes.waiting} role="status">
      <VisuallyHidden>{text.loading}</VisuallyHidden>
      <Skeleton height="100%" radius={4} />
    </div>
  );
}
