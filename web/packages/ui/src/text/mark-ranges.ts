/** A text in parts, of which some are marked. Pure. */
export interface MarkedPart {
  text: string;
  isMarked: boolean;
}

/** `ranges`: each from the first code unit to that after the last, as the server finds words. */
export function markRanges(text: string, ranges: readonly (readonly number[])[]): MarkedPart[] {
  const parts: MarkedPart[] = [];
  let end = 0;
  for (const [from = 0, to = 0] of ranges) {
    const start = Math.max(from, end);
    const stop = Math.min(to, text.length);
    if (stop <= start) continue;
    if (start > end) parts.push({ text: text.slice(end, start), isMarked: false });
    parts.push({ text: text.slice(start, stop), isMarked: true });
    end = stop;
  }
  if (end < text.length) parts.push({ text: text.slice(end), isMarked: false });
  return parts;
}
