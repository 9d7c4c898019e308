/** Words that stand at several places. */
import { defineMessages } from '@flowbit/ui';

export const fileWords = defineMessages({
  en: {
    attachments: 'Attachments',
    attach: 'Attach files',
    download: (name: string) => `Download ${name}`,
    preview: (name: string) => `Show ${name}`,
    uploading: 'A file is still being uploaded.',
    failed: 'A file was not uploaded: try again, or remove it.',
  },
  de: {
    attachments: 'Anhänge',
    attach: 'Dateien anhängen',
    download: (name: string) => `${name} herunterladen`,
    preview: (name: string) => `${name} zeigen`,
    uploading: 'Eine Datei wird noch hochgeladen.',
    failed: 'Eine Datei wurde nicht hochgeladen: Versuchen Sie es noch einmal, oder entfernen Sie sie.',
  },
});
