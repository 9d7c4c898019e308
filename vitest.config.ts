/** Unit tests of the web side; what needs a browser is in `e2e`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['web/**/*.test.{ts,tsx}'],
    environment: 'happy-dom',
    restoreMocks: true,
    maxWorkers: 2,
  },
});
