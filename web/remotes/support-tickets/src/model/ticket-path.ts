/** The address of a ticket within the screen. The list beside it stays what it is. */

const ORIGINAL = 'original';

/** Whether a ticket that was merged is to be shown as it is, instead of the one that it leads to. */
export function showsOriginal(search: URLSearchParams): boolean {
  return search.has(ORIGINAL);
}

/** `search`: the query of the address that is left. */
export function ticketPath(id: string, search: URLSearchParams, { isOriginal = false } = {}): string {
  const next = new URLSearchParams(search);
  if (isOriginal) next.set(ORIGINAL, '1');
  else next.delete(ORIGINAL);
  const query = next.toString().replaceAll('%2C', ',');
  return query === '' ? `/${id}` : `/${id}?${query}`;
}
