/** A link to an address that may be linked to. What is an address in plain text is shown as a link anyway. */
import { Mark } from '@tiptap/core';

const ADDRESS = /^(?:https?:\/\/|mailto:|tel:)\S+$/i;

/** From what somebody types: `example.com` is a page, `a@example.com` a mailbox. Null for what is no address. */
export function readAddress(typed: string): string | null {
  const text = typed.trim();
  if (ADDRESS.test(text)) return /^https?:/i.test(text) && !URL.canParse(text) ? null : text;
  if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/]+$/.test(text)) return `mailto:${text}`;
  const isHost = /^[^\s/:@]+\.[^\s/:@.]{2,}(?::\d+)?(?:[/?#]\S*)?$/.test(text);
  return isHost && URL.canParse(`https://${text}`) ? `https://${text}` : null;
}

export const LinkMark = Mark.create({
  name: 'link',
  priority: 1000,
  inclusive: false,
  keepOnSplit: false,
  exitable: true,
  addAttributes() {
    return { href: { default: null } };
  },
  parseHTML() {
    return [
      {
        tag: 'a[href]',
        getAttrs: (element) => {
          const href = element.getAttribute('href') ?? '';
          return ADDRESS.test(href) ? { href } : false;
        },
      },
    ];
  },
  renderHTML({ mark }) {
    // Clicked while it is written, it would lead away from what is written.
    return ['a', { href: mark.attrs.href, rel: 'noopener noreferrer nofollow', title: mark.attrs.href }, 0];
  },
});
