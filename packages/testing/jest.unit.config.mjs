// Unit tests: pure rules, no PostgreSQL and no child process. Run by `npm run test:unit`.
import whole from './jest.config.mjs';

export default {
  ...whole,
  globalSetup: undefined,
  globalTeardown: undefined,
  // Beside the code every test is a unit test. Below test/ these are; one that asks for a database fails here.
  testMatch: [
    '**/src/**/*.test.ts',
    '**/packages/contracts/test/{drf,instant}.test.ts',
    '**/packages/service-kit/test/{body,config,cors,json}.test.ts',
    '**/packages/auth/test/verifier.test.ts',
    '**/services/compute/test/**/trust.test.ts',
    '**/services/gateway/test/logged-path.test.ts',
  ],
};
