/**
 * Compresses what the build wrote, once, as hard as it goes.
 *
 * The server then answers with the `.br` or `.gz` sibling instead of compressing the same bytes
 * on each request.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

const TEXT = new Set(['.css', '.html', '.js', '.json', '.map', '.mjs', '.svg', '.txt', '.webmanifest']);
/** Below this a compressed answer saves no packet. */
const MINIMUM_BYTES = 1024;

/**
 * Files that the server rewrites per response (the nonce in index.html) cannot be served from a
 * compressed copy, so they get none.
 */
const REWRITTEN = new Set(['index.html']);

async function compressFile(path) {
  const bytes = await readFile(path);
  if (bytes.length <= MINIMUM_BYTES) return;
  const [br, gz] = await Promise.all([
    brotli(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
    zip(bytes, { level: constants.Z_BEST_COMPRESSION }),
  ]);
  await Promise.all([writeFile(`${path}.br`, br), writeFile(`${path}.gz`, gz)]);
}

async function precompressFolder(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  await Promise.all(
    entries
      .filter((entry) => entry.isFile() && TEXT.has(extname(entry.name)) && !REWRITTEN.has(entry.name))
      .map((entry) => compressFile(join(entry.parentPath ?? entry.path, entry.name))),
  );
}

/** Rsbuild plugin: runs after the last file is written. */
export function pluginPrecompress() {
  return {
    name: 'flowbit:precompress',
    setup(api) {
      api.onAfterBuild(async ({ isWatch, stats }) => {
        if (isWatch || stats?.hasErrors()) return;
        // Statistics of the federation plugin: for its tools, not for browsers.
        await rm(join(api.context.distPath, 'mf-stats.json'), { force: true });
        await precompressFolder(api.context.distPath);
      });
    },
  };
}
