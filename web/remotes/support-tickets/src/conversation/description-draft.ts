/** A description that is being rewritten, and what it was when the rewriting began. */
import type { Ticket } from '@flowbit/api';

export interface DescriptionDraft {
  text: string;
  /** The description when the rewriting began, and the ticket's version then. */
  was: string;
  version: number;
}

export function isDescriptionDraft(value: unknown): value is DescriptionDraft {
  if (typeof value !== 'object' || value === null) return false;
  const { text, was, version } = value as Partial<DescriptionDraft>;
  return typeof text === 'string' && typeof was === 'string' && typeof version === 'number';
}

export function beginDraft({ description, version }: Ticket): DescriptionDraft {
  return { text: description, was: description, version };
}

export function isChanged({ text, was }: DescriptionDraft): boolean {
  return text.trim() !== was.trim();
}

/**
 * The ticket that the rewriting is saved on: the present one, as long as nobody else has changed the
 * description. Else the one of then, so that the server refuses and both texts can be looked at.
 */
export function ticketToSaveOn(ticket: Ticket, { was, version }: DescriptionDraft): Ticket {
  return ticket.description === was ? ticket : { ...ticket, description: was, version };
}
