/** What the tests of the requester's own screen share. */
import type { Page } from '@playwright/test';
import { type Api, expect } from './desk.ts';

export interface Ticket {
  id: string;
  number: number;
  status: string;
}

export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

export const requests = (page: Page) => page.getByRole('list', { name: 'Requests' });

export async function setStatus(api: Api, { id }: Ticket, status: string): Promise<void> {
  const changed = await api.call('PATCH', `/api/tickets/${id}`, { status });
  expect(changed.status, changed.text).toBe(200);
}
