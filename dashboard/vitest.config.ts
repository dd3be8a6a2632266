import { defineConfig } from 'vitest/config';

/** A test waits for what it tests, however slow the machine; this only ends one that waits for nothing, after several waits of its own. */
const PATIENCE_MS = 900_000;

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['tests/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          testTimeout: PATIENCE_MS,
          hookTimeout: PATIENCE_MS,
          expect: { poll: { timeout: PATIENCE_MS } },
          // One browser at a time: what is measured is one page on one machine.
          fileParallelism: false,
        },
      },
    ],
  },
});
