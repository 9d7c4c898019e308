/** Addresses that may be linked to. */
export const ADDRESS = /^(?:https?:\/\/|mailto:|tel:)\S+$/i;

/** From what somebody types: `example.com` is a page, `a@example.com` a mailbox. Null for what is no address. */
export function readAddress(typed: string): string | null {
  const text = typed.trim();
  if (ADDRESS.test(text)) return /^https?:/i.test(text) && !URL.canParse(text) ? null : text;
  if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/.test(text)) return `mailto:${text}`;
  const isHost = /^[^\s/:@]+\.[^\s/:@.]{2,}(?::\d+)?(?:[/?#]\S*)?$/.test(text);
  return isHost && URL.canParse(`https://${text}`) ? `https://${text}` : null;
}
