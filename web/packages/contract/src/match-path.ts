/** Patterns for the addresses within a screen: `/:ticketId/history`, `/*`. */

type Segments<Pattern extends string> = Pattern extends `${infer Head}/${infer Tail}`
  ? Head | Segments<Tail>
  : Pattern;

/** `'/:id/history'` gives `{id: string}`. */
export type PathParams<Pattern extends string> = {
  [Segment in Segments<Pattern> as Segment extends `:${infer Name}` ? Name : never]: string;
};

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** The parameters if the path matches the pattern, else null. A `*` at the end takes any rest. */
export function matchPath<const Pattern extends string>(
  pattern: Pattern,
  path: string,
): PathParams<Pattern> | null {
  const wanted = split(pattern);
  const given = split(path);
  const open = wanted.at(-1) === '*';
  if (open) wanted.pop();
  if (open ? given.length < wanted.length : given.length !== wanted.length) return null;

  const params: Record<string, string> = {};
  for (const [index, segment] of wanted.entries()) {
    const value = decode(given[index] ?? '');
    if (value === null) return null;
    if (segment.startsWith(':')) params[segment.slice(1)] = value;
    else if (segment !== value) return null;
  }
  return params as PathParams<Pattern>;
}
