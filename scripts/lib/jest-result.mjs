// @ts-check
// What a run of Jest came to. Neither a path that fits nothing nor a Jest that ended badly may look like a good run.

/**
 * @typedef {Record<'numPassedTests' | 'numFailedTests' | 'numRuntimeErrorTestSuites' | 'numTotalTests', number>} Report
 * @typedef {{ passed: number, failed: number, wrong?: string | undefined }} Result
 *   `wrong`: counted as a failure, though no test failed
 */
/**
 * @param {Report} report Jest's own @param {number | string} code its exit code, or the signal that ended it
 * @param {string[]} [patterns] what was asked for
 * @returns {Result}
 */
export const jestResult = (report, code, patterns = []) => {
  const passed = report.numPassedTests;
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  if (failed) return { passed, failed };
  const none = report.numTotalTests ? 'every one is left out' : `nothing fits ${patterns.join(' ')}`;
  const wrong =
    passed === 0 ? `no test ran: ${none}` : code !== 0 ? `Jest ended with ${code}, though no test failed` : undefined;
  return { passed, failed: wrong ? 1 : 0, wrong };
};
