import type { Locator, Page } from '@playwright/test';
import {
  AGENT,
  type Api,
  composer,
  conversation,
  type Desk,
  expect,
  make,
  openTicket,
  raiseOwn,
} from './desk.ts';

/** Only raises tickets, at LogisticsCo. */
export const REQUESTER = 'tom.okafor@logisticsco.com';

export interface Ticket {
  id: string;
  number: number;
  title: string;
}

export interface Attachment {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  messageId: string | null;
}

export interface Given {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** 2 × 2 pixels. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGM4oQEEJxggFAAergRhTGmrsAAAAABJRU5ErkJggg==',
  'base64',
);

/** One page that says something, in black on white. */
export function pdfOf(words: string): Buffer {
  const stream = `BT /F1 48 Tf 40 100 Td (${words}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${`${at}`.padStart(10, '0')} 00000 n \n`).join('');
  text += `xref\n0 6\n0000000000 65535 f \n${table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF`;
  return Buffer.from(text, 'latin1');
}

export const picture = (name = 'label.png'): Given => ({ name, mimeType: 'image/png', buffer: PNG });
export const text = (name: string, words = 'Pallet 7, gate 3'): Given => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(words),
});
export const pdf = (name = 'customs.pdf'): Given => ({
  name,
  mimeType: 'application/pdf',
  buffer: pdfOf('Release note'),
});

export const toSend = (page: Page): Locator => composer(page).getByRole('list', { name: 'Files to send' });
export const chip = (page: Page, name: string): Locator =>
  toSend(page).getByRole('listitem').filter({ hasText: name });
export const sendButton = (page: Page): Locator => composer(page).getByRole('button', { name: 'Send reply' });
export const article = (page: Page, words: string): Locator =>
  conversation(page).getByRole('article').filter({ hasText: words });

/** By the picker. */
export async function pick(page: Page, files: Given[], within: Locator = composer(page)): Promise<void> {
  const chosen = page.waitForEvent('filechooser');
  await within.getByRole('button', { name: 'Attach files' }).click();
  await (await chosen).setFiles(files);
}

/** Uploaded, every one of them. */
export async function expectUploaded(page: Page, count: number): Promise<void> {
  await expect(toSend(page).locator('[data-state="done"]')).toHaveCount(count);
}

/** What a drag or the clipboard brings. */
export function carry(page: Page, files: Given[]) {
  return page.evaluateHandle(
    (given) => {
      const data = new DataTransfer();
      for (const { name, type, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], name, { type }));
      }
      return data;
    },
    files.map(({ name, mimeType, buffer }) => ({ name, type: mimeType, base64: buffer.toString('base64') })),
  );
}

export async function paste(page: Page, files: Given[]): Promise<void> {
  const clipboardData = await carry(page, files);
  await clipboardData.evaluate((data) => {
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
  });
}

/** Uploads a file by the API. */
export async function upload(api: Api, { name, buffer }: Given): Promise<Attachment> {
  const answer = await fetch(`${api.url}/api/attachments?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.token}`, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(buffer),
  });
  expect(answer.status).toBe(201);
  return (await answer.json()) as Attachment;
}

/** A ticket of this person's with one reply that has these files. */
export async function raiseWith(api: Api, title: string, files: Given[], internal = false): Promise<Ticket> {
  const [ticket] = await raiseOwn<Ticket>(api, title);
  if (!ticket) throw new Error('no ticket');
  const attachments = [];
  for (const file of files) attachments.push((await upload(api, file)).id);
  await make(api, `/api/tickets/${ticket.id}/messages`, { body: 'See the files.', internal, attachments });
  return ticket;
}

export async function filesOf(api: Api, ticket: Ticket): Promise<Attachment[]> {
  return (await api.get<{ items: Attachment[] }>(`/api/tickets/${ticket.id}/attachments`)).items;
}

/** A new ticket, open. */
export async function begin(desk: Desk, page: Page, title: string): Promise<Ticket> {
  const [ticket] = await raiseOwn<Ticket>(await desk.api(AGENT), title);
  if (!ticket) throw new Error('no ticket');
  await openTicket(page, ticket);
  return ticket;
}

// What an earlier test has open makes the next ones slow.
