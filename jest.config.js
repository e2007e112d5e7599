export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/dist/test'],
  transform: {},
  testMatch: ['**/*.test.js'],
  testTimeout: 30_000,
}
