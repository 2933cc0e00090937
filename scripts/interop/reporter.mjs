// @ts-check
// What npm run test:interop prints and counts: one line per thing that must hold.
import { green, red } from '../lib/progress.mjs';

/** Whether it holds, and what was seen, which is printed when it does not. @typedef {[boolean, ...unknown[]]} Look */
/** @typedef {(name: string, look: () => Promise<Look> | Look) => Promise<void>} Check */
/** @typedef {ReturnType<typeof createReporter>} Reporter */

/** No look takes longer: the run has to end. */
const LIMIT_MINUTES = 15;
const LONGEST_OUTPUT = 3000;

/** @param {unknown[]} seen */
const shown = (seen) =>
  seen
    .map((one) => (typeof one === 'string' ? one : JSON.stringify(one)))
    .join('\n')
    .slice(0, LONGEST_OUTPUT);

export const createReporter = () => {
  const count = { passed: 0, failed: 0, skipped: 0 };
  /** @param {boolean} holds @param {string} name @param {...unknown} seen printed when it does not hold */
  const note = (holds, name, ...seen) => {
    count[holds ? 'passed' : 'failed'] += 1;
    console.log(holds ? `  ${green('ok')} ${name}` : `  ${red('not ok')} ${name}\n${shown(seen)}`);
  };
  /** @type {Check} */
  const check = async (name, look) => {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const late = new Promise((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`it takes longer than ${LIMIT_MINUTES} minutes`)),
        LIMIT_MINUTES * 60_000,
      );
    });
    try {
      const [holds, ...seen] = await Promise.race([look(), /** @type {Promise<never>} */ (late)]);
      note(holds, name, ...seen);
    } catch (err) {
      note(false, name, err instanceof Error ? (err.stack ?? err.message) : String(err));
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    note,
    check,
    /** @param {string} name @param {string} why */
    skip: (name, why) => {
      count.skipped += 1;
      console.log(`skip - ${name}: ${why}`);
    },
    /** Counts what another program has counted. @param {import('../lib/jest-result.mjs').Result} result */
    add: ({ passed, failed, wrong }) => {
      count.passed += passed;
      count.failed += failed;
      if (wrong) console.log(red(wrong));
    },
    /** The last line. @returns whether nothing has failed */
    end: () => {
      console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
      return count.failed === 0;
    },
  };
};
