export { type RenderText, RichText } from './rich-text';

import classes from './rich-text.module.css';

/** How formatted text looks, where it is read and where it is written. */
export const richClass: string = classes.rich ?? '';
