/** Finds the programs of the web side: the shell and every folder under `web/remotes`. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const webRoot = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

function foldersWith(parent, file) {
  if (!existsSync(parent)) return [];
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(parent, entry.name))
    .filter((folder) => existsSync(join(folder, file)))
    .sort();
}

/** Folders that build to something a browser loads. */
export function listPrograms() {
  return [join(webRoot, 'shell'), ...foldersWith(join(webRoot, 'remotes'), 'rsbuild.config.mjs')];
}

/** Folders with TypeScript of their own. */
export function listTypedFolders() {
  return [
    ...foldersWith(join(webRoot, 'packages'), 'tsconfig.json'),
    join(webRoot, 'shell'),
    ...foldersWith(join(webRoot, 'remotes'), 'tsconfig.json'),
    ...foldersWith(resolve(webRoot, '..'), 'tsconfig.json').filter((folder) => folder.endsWith('/e2e')),
  ];
}
