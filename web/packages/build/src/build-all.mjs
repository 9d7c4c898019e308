/**
 * Builds the shell and every remote into `web/dist`.
 *
 * `node build-all.mjs [--watch] [folder …]`: without folders, all; a folder is named by its last
 * part, e.g. `shell` or `support-tickets`.
 */
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { listPrograms } from './programs.mjs';
import { runEach } from './run-each.mjs';

const args = process.argv.slice(2);
const watch = args.includes('--watch');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const folders = listPrograms().filter((folder) => wanted.length === 0 || wanted.includes(basename(folder)));

if (folders.length === 0) {
  console.error(`nothing to build: no program is named ${wanted.join(', ')}`);
  process.exit(2);
}

const require = createRequire(import.meta.url);
const rsbuild = join(dirname(require.resolve('@rsbuild/core/package.json')), 'bin/rsbuild.js');
if (watch) process.env.NODE_ENV = 'development';

process.exitCode = await runEach(
  folders,
  () => ({
    command: process.execPath,
    args: [rsbuild, 'build', '--config', 'rsbuild.config.mjs', ...(watch ? ['--watch'] : [])],
  }),
  { stream: watch },
);
