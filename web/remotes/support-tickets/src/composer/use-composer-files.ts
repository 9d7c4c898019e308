/** The files that go with what is written at a ticket: of the reply and of the note apart, as their texts are. */
import { type Uploads, useUploads } from '@flowbit/attachments';
import type { ComposerKind } from './composer-draft';

/** The component that uses it is made anew for each ticket. */
export function useComposerFiles(ticketId: string): Readonly<Record<ComposerKind, Uploads>> {
  return { reply: useUploads(`${ticketId}:reply`), note: useUploads(`${ticketId}:note`) };
}
