// @ts-check
// Tests of ironic-inspector and of its client that only speak HTTP, unmodified (contract introspection §16): they go
// to port 5050 of this computer, without a token.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { bold } from '../../lib/progress.mjs';
import { runProgram, runPythonTests } from './python-tests.mjs';
import { withOpenService } from './open-service.mjs';

const PORT = 5050;
const TESTS = [
  'ironic_inspector.test.functional.Test.test_rules_api',
  ...['TestV1PythonAPI.test_api_versions', 'TestV1PythonAPI.test_client_init', 'TestV1PythonAPI.test_rules_api'].map(
    (name) => `ironic_inspector_client.tests.functional.${name}`,
  ),
  ...['TestCLI.test_cli_negative', 'TestCLI.test_rules_api'].map(
    (name) => `ironic_inspector_client.tests.functional.${name}`,
  ),
];
/** @returns {Promise<boolean>} */
const isFree = (/** @type {number} */ port) =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/**
 * @param {(command: string) => string} bin of an environment with ironic-inspector, its client and their test libraries
 * @param {import('../reporter.mjs').Reporter} reporter
 */
export const tryInspectorSuites = async (bin, reporter) => {
  console.log(bold('\ntests of ironic-inspector and its client'));
  if (!(await isFree(PORT))) {
    reporter.skip('tests of ironic-inspector', `port ${PORT}, to which they go, is taken here`);
    return;
  }
  // Their own set-up wants an empty database of the original beside them.
  const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-inspector-'));
  try {
    writeFileSync(path.join(dir, 'sync.conf'), '[database]\nconnection = sqlite:///ironic_inspector.sqlite\n');
    const { status, text } = await runProgram(
      bin('ironic-inspector-dbsync'),
      ['--config-file', 'sync.conf', 'upgrade'],
      { cwd: dir },
    );
    if (status !== 0) {
      reporter.skip('tests of ironic-inspector', `their own database could not be made (${text.slice(-300)})`);
      return;
    }
    await withOpenService(PORT, async () => {
      const env = { ...process.env, PATH: `${path.dirname(bin('python'))}:${process.env.PATH}` };
      await runPythonTests(bin('python'), TESTS, { cwd: dir, env }, reporter);
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
};
