/** A link to an address that may be linked to. What is an address in plain text is shown as a link anyway. */
import { Mark } from '@tiptap/core';
import { ADDRESS } from './address';

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
