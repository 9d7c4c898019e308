/** The screen's memory while the page is open; it outlives a visit to another screen. */
import { createOutbox } from './outbox';
import { createPendingChanges } from './pending-changes';
import { createServerDrafts } from './server-drafts';
import { createUnreadTickets } from './unread';

export const pendingChanges = createPendingChanges();
export const unreadTickets = createUnreadTickets();
export const outbox = createOutbox();
export const serverDrafts = createServerDrafts();
