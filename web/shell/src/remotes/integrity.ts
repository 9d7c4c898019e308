/** Hashes as Subresource Integrity writes them: `sha256-…`, `sha384-…`, `sha512-…` in base64. */

const ALGORITHMS = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' } as const;

function isAlgorithm(name: string | undefined): name is keyof typeof ALGORITHMS {
  return name !== undefined && Object.hasOwn(ALGORITHMS, name);
}

/** Browsers hash only for pages that came over HTTPS or from this machine. */
export function canHash(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/** Whether the bytes have that hash; false as well for a hash that can't be read. */
export async function hasIntegrity(bytes: BufferSource, integrity: string): Promise<boolean> {
  const [, name, wanted] = /^(sha\d+)-(.+)$/.exec(integrity.trim()) ?? [];
  if (!isAlgorithm(name)) return false;
  const digest = new Uint8Array(await crypto.subtle.digest(ALGORITHMS[name], bytes));
  return btoa(String.fromCharCode(...digest)) === wanted;
}
