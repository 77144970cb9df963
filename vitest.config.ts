import { defineConfig } from 'vitest/config'

/** Two workers: each may hold a PGlite (300-800 MB), and CI has two cores. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'providers/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // PGlite's code runs for seconds: compiling it well costs more than it gives.
    execArgv: ['--liftoff-only'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
  },
})
