/** Type-checks every folder that has a tsconfig.json. */
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { listTypedFolders } from './programs.mjs';
import { runEach } from './run-each.mjs';

const wanted = process.argv.slice(2);
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const folders = listTypedFolders().filter(
  (folder) => wanted.length === 0 || wanted.includes(basename(folder)),
);

process.exitCode = await runEach(folders, () => ({ command: process.execPath, args: [tsc, '-p', '.'] }));
