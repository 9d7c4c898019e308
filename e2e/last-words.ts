/** Says at the very end, in few lines, what failed and where: the end of a log is what people are shown of it. */
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { FullConfig, Reporter, Suite } from '@playwright/test/reporter';

/** Of each failure: what was expected, what came, and of which element. */
const LINES = 7;

export default class LastWords implements Reporter {
  private root: Suite | undefined;
  private folder = '';

  onBegin(config: FullConfig, root: Suite): void {
    this.root = root;
    this.folder = config.rootDir;
  }

  onEnd(): void {
    for (const test of this.root?.allTests() ?? []) {
      if (test.outcome() !== 'unexpected') continue;
      for (const error of test.results.flatMap(({ errors }) => errors)) {
        const at = error.location ?? test.location;
        const lines = stripVTControlCharacters(error.message ?? error.value ?? '')
          .split('\n')
          .filter((line) => line.trim() !== '');
        console.log(`${relative(this.folder, at.file)}:${at.line} › ${test.title}`);
        for (const line of lines.slice(0, LINES)) console.log(`  ${line.slice(0, 200)}`);
      }
    }
  }
}
