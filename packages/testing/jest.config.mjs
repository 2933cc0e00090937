// Tests run from source: no build is needed before them. Types are checked by `tsc -b`, tests included.
import path from 'node:path';
const root = path.resolve(import.meta.dirname, '../..');
export default {
  rootDir: root,
  testEnvironment: 'node',
  roots: ['<rootDir>/packages', '<rootDir>/services'],
  testMatch: ['**/test/**/*.test.ts', '**/src/**/*.test.ts'],
  modulePathIgnorePatterns: ['/dist/'],
  transform: {
    '^.+\\.[jt]s$': [
      path.join(root, 'node_modules/@swc/jest'),
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@nefos/(contracts|client|auth|service-kit|testing)$': '<rootDir>/packages/$1/src/index.ts',
    '^@nefos/(identity|compute|metering|introspection|gateway)/(.*)$': '<rootDir>/services/$1/src/$2.ts',
  },
  globalSetup: '<rootDir>/packages/testing/jest.setup.mjs',
  globalTeardown: '<rootDir>/packages/testing/jest.teardown.mjs',
  testTimeout: 30_000,
};
