/** Runs one command per folder, a few at a time, and shows each one's output whole. */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';

function runOne({ label, command, args, cwd, stream }) {
  return new Promise((done) => {
    const started = Date.now();
    const child = spawn(command, args, { cwd, stdio: stream ? 'inherit' : 'pipe', env: process.env });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', (error) => done({ label, code: 1, output: String(error), ms: Date.now() - started }));
    child.on('close', (code) => done({ label, code: code ?? 1, output, ms: Date.now() - started }));
  });
}

/** Resolves to the exit code: 0 when every folder's command succeeded. */
export async function runEach(
  folders,
  makeCommand,
  { parallel = Math.min(2, availableParallelism()), stream = false } = {},
) {
  const queue = [...folders];
  let failed = false;
  async function work() {
    for (let folder = queue.shift(); folder; folder = queue.shift()) {
      const label = relative(process.cwd(), folder) || '.';
      const result = await runOne({ label, cwd: folder, stream, ...makeCommand(folder) });
      const seconds = (result.ms / 1000).toFixed(1);
      if (result.code === 0) {
        console.log(`ok      ${result.label}  ${seconds} s`);
        if (process.env.VERBOSE) console.log(result.output);
      } else {
        failed = true;
        console.error(`FAILED  ${result.label}  ${seconds} s\n${result.output}`);
      }
    }
  }
  await Promise.all(Array.from({ length: stream ? folders.length : parallel }, work));
  return failed ? 1 : 0;
}
