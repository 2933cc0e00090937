// Tests against programs of others, run by `npm run test:interop`: those that need no PostgreSQL of ours.
import whole from './jest.config.mjs';

export default {
  ...whole,
  globalSetup: undefined,
  globalTeardown: undefined,
  testMatch: ['**/test/interop/*.interop.ts'],
};
