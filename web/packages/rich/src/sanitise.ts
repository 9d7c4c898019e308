/**
 * What is let into the page of formatted text. The server has cleaned it already; whoever gets past the server still
 * does not get past this.
 */
import createPurifier from 'dompurify';

const TAGS = ['p', 'br', 'strong', 'em', 's', 'u', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a'];
/** Whole ones: `https:path` would lead within the page's own origin. */
const ADDRESS = /^(?:https?:\/\/|mailto:|tel:)/i;

const purifier = createPurifier(window);
purifier.addHook('afterSanitizeAttributes', (element) => {
  if (element.tagName !== 'A') return;
  if (!ADDRESS.test(element.getAttribute('href') ?? '')) element.removeAttribute('href');
  element.setAttribute('target', '_blank');
  element.setAttribute('rel', 'noopener noreferrer nofollow');
});

/** Answers what is harmless of it, in no document. */
export function sanitise(html: string): DocumentFragment {
  return purifier.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ['href', 'start'],
    // It is a number, and no address.
    ADD_URI_SAFE_ATTR: ['start'],
    ALLOWED_URI_REGEXP: ADDRESS,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}
