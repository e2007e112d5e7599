export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/dist/test'],
  transform: {},
  testMatch: ['**/*.test.js'],
  // Most tests wait for sockets and processes: as many workers as there are cores do not slow each other down.
  maxWorkers: '100%',
  // Only for what hangs: on a busy machine much is tried twice.
  testTimeout: 180_000,
}
