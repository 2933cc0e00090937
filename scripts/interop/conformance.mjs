// @ts-check
// The conformance suite of all drivers against a hypervisor that a test has brought up.
import { runJest } from '../lib/run-jest.mjs';

const CONFIG = 'packages/testing/jest.interop.config.mjs';

/**
 * @param {string} suite file with the suite, from the root of the repository
 * @param {Record<string, string>} env where it finds its hypervisor
 * @param {number} [minutes] after which it has failed
 */
export const runConformance = (suite, env, minutes = 30) => runJest(CONFIG, { files: [suite], env, minutes });
