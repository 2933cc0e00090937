// @ts-check
// One line per step, so that nobody wonders what takes so long.
const tty = process.stdout.isTTY;
const paint = (/** @type {number} */ code, /** @type {string} */ text) =>
  tty ? `\u001b[${code}m${text}\u001b[0m` : text;
/** @param {string} text */
export const dim = (text) => paint(2, text);
/** @param {string} text */
export const bold = (text) => paint(1, text);
/** @param {string} text */
export const green = (text) => paint(32, text);
/** @param {string} text */
export const red = (text) => paint(31, text);

/** An error whose message is for people: shown as one line, without a stack. */
export class Trouble extends Error {}

/**
 * Runs `work`; prints its name, then the time it took, and what it returned when that is text.
 * @template T
 * @param {string} name @param {() => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export const step = async (name, work) => {
  const start = performance.now();
  if (tty) process.stdout.write(`  ${dim('…')} ${name}`);
  try {
    const result = await work();
    const shown = typeof result === 'string' ? ` ${dim(`(${result})`)}` : '';
    const time = dim(`${((performance.now() - start) / 1000).toFixed(1)} s`);
    process.stdout.write(`${tty ? '\r\u001b[K' : ''}  ${green('✓')} ${name}${shown} ${time}\n`);
    return result;
  } catch (err) {
    process.stdout.write(`${tty ? '\r\u001b[K' : ''}  ${red('✗')} ${name}\n`);
    throw err;
  }
};

/** Rows as an aligned table; the first row is the heading. @param {(string | number | null | undefined)[][]} rows */
export const table = (rows) => {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((r) => String(r[i] ?? '').length)));
  return rows
    .map(
      (row) =>
        `  ${row
          .map((cell, i) => String(cell ?? '').padEnd(widths[i] ?? 0))
          .join('   ')
          .trimEnd()}`,
    )
    .map((line, n) => (n === 0 ? bold(line) : line))
    .join('\n');
};
