/** The bytes of a file: read with the person's token, shown or saved from the page's own memory. */
import { type ApiClient, type Attachment, queryKeys, unwrap } from '@flowbit/api';
import { useScreen } from '@flowbit/contract';
import { defineMessages, describeError, useMessages } from '@flowbit/ui';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

const words = defineMessages({
  en: { failed: (name: string) => `${name} could not be loaded` },
  de: { failed: (name: string) => `${name} konnte nicht geladen werden` },
});

/** So long they stay in memory after nobody looks at them any more. */
const MEMORY_MS = 2 * 60_000;

function bytesOf(client: ApiClient, id: string) {
  return queryOptions({
    queryKey: queryKeys.attachments.bytes(id),
    queryFn: ({ signal }): Promise<Blob> =>
      unwrap(
        client.GET('/api/attachments/{id}', { params: { path: { id } }, parseAs: 'blob', signal }),
      ) as Promise<Blob>,
    // A file never becomes another.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: MEMORY_MS,
    structuralSharing: false,
  });
}

export function useBytes(id: string, isWanted: boolean) {
  const { client } = useScreen();
  return useQuery({ ...bytesOf(client, id), enabled: isWanted });
}

/** An address of the bytes for as long as the component is there; null while there are none. */
export function useObjectUrl(bytes: Blob | undefined): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (bytes === undefined) return;
    const made = URL.createObjectURL(bytes);
    setUrl(made);
    return () => {
      setUrl(null);
      URL.revokeObjectURL(made);
    };
  }, [bytes]);
  return url;
}

/** The browser has read it by then. */
const SAVING_MS = 60_000;

function saveBytes(bytes: Blob, name: string) {
  const url = URL.createObjectURL(bytes);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), SAVING_MS);
}

/** Saves a file under its name; says so if it could not be loaded. */
export function useDownload(): { download(file: Attachment): Promise<void>; loadingId: string | null } {
  const text = useMessages(words);
  const describe = useMessages(describeError);
  const { client, toast } = useScreen();
  const queryClient = useQueryClient();
  const [loadingId, setLoadingId] = useState<string | null>(null);
  return {
    loadingId,
    async download({ id, name }) {
      setLoadingId(id);
      try {
        saveBytes(await queryClient.fetchQuery(bytesOf(client, id)), name);
      } catch (error) {
        const { title, meaning } = describe(error);
        toast({ kind: 'error', title: text.failed(name), detail: `${title}. ${meaning}`, key: `file:${id}` });
      } finally {
        setLoadingId(null);
      }
    },
  };
}
