/**
 * Whose title gets the focus when it is shown: of a ticket that was opened from within another one, whose part that
 * had the focus is gone then. Walking through the list leaves the focus there.
 */
let wanted: string | null = null;

export function wantTitleFocus(ticketId: string): void {
  wanted = ticketId;
}

/** Whether this ticket's title is to have it, which is asked once. */
export function takeTitleFocus(ticketId: string): boolean {
  const isWanted = wanted === ticketId;
  if (isWanted) wanted = null;
  return isWanted;
}
