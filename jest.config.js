import { availableParallelism } from 'node:os'

export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/dist/test'],
  transform: {},
  testMatch: ['**/*.test.js'],
  // Many tests wait for sockets, processes and time-outs: more workers than cores use that time.
  maxWorkers: Math.max(5, availableParallelism() + 1),
  // Only for tests that hang: on a busy machine the kit plays many cases twice.
  testTimeout: 180_000,
}
