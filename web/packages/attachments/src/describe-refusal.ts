/** Why a file was not taken, in a few words that fit at it. */
import { isApiError } from '@flowbit/api';
import { defineMessages, describeError, useFormats, useMessages } from '@flowbit/ui';
import { FILES_MAX } from './upload-queue';

const words = defineMessages({
  en: {
    tooLarge: 'The file is too large.',
    largest: (size: string) => `Too large: at most ${size}.`,
    tooMany: `At most ${FILES_MAX} files go with one message.`,
    folder: 'A folder can’t be attached; pack it first.',
    quota: 'Your company’s storage for files is full.',
    unsent: 'Too many files are waiting to be sent. Send or remove some first.',
  },
  de: {
    tooLarge: 'Die Datei ist zu groß.',
    largest: (size: string) => `Zu groß: höchstens ${size}.`,
    tooMany: `Höchstens ${FILES_MAX} Dateien gehen mit einer Nachricht.`,
    folder: 'Ein Ordner lässt sich nicht anhängen; packen Sie ihn vorher.',
    quota: 'Der Speicher Ihrer Firma für Dateien ist voll.',
    unsent: 'Zu viele Dateien warten darauf, gesendet zu werden. Senden oder entfernen Sie zuerst einige.',
  },
});

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
}

/** What stays refused however often it is tried. */
const FINAL: readonly unknown[] = ['payload_too_large', 'validation_failed', 'folder'];

export function mayRetry(error: unknown): boolean {
  return !FINAL.includes(codeOf(error));
}

export function useDescribeRefusal(): (error: unknown) => string {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const formats = useFormats();
  return (error) => {
    switch (codeOf(error)) {
      case 'payload_too_large': {
        const { largest } = error as { largest?: unknown };
        return typeof largest === 'number' ? text.largest(formats.size(largest)) : text.tooLarge;
      }
      case 'too_many_files':
        return text.tooMany;
      case 'folder':
        return text.folder;
      case 'quota_exceeded':
        return text.quota;
      case 'too_many_uploads':
        return text.unsent;
    }
    const [reason] = isApiError(error) ? Object.values(error.fieldErrors) : [];
    return reason === undefined ? `${describe(error).title}.` : reason;
  };
}
