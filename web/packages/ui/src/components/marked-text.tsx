/** A text in which words that were searched for are marked. */
import type { MarkedPart } from '../text/mark-ranges';

export function MarkedText({ parts }: { parts: readonly MarkedPart[] }) {
  return parts.map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no other name
    part.isMarked ? <mark key={index}>{part.text}</mark> : part.text,
  );
}
