/** Plain text as it stands in formatted text: a line is a line, an empty one parts paragraphs. */

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Lines that are HTML already. Those that are empty at either end go: what stands around them keeps its distance. */
export function linesToHtml(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line !== '');
  const last = lines.findLastIndex((line) => line !== '');
  const paragraphs: string[] = [];
  let open: string[] = [];
  for (const line of first === -1 ? [] : lines.slice(first, last + 1)) {
    // One empty line parts two paragraphs; more of them are kept as breaks before the next.
    if (line === '' && open.some((one) => one !== '')) {
      paragraphs.push(open.join('<br>'));
      open = [];
    } else {
      open.push(line);
    }
  }
  if (open.length > 0) paragraphs.push(open.join('<br>'));
  return paragraphs.map((html) => `<p>${html}</p>`).join('');
}

export function textToHtml(text: string): string {
  return linesToHtml(text.split(/\r\n?|\n/).map(escapeHtml));
}
