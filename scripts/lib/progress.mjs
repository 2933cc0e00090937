// One line per step, so that nobody wonders what takes so long.
const tty = process.stdout.isTTY;
const paint = (code, text) => (tty ? `\u001b[${code}m${text}\u001b[0m` : text);
export const dim = (text) => paint(2, text);
export const bold = (text) => paint(1, text);
export const green = (text) => paint(32, text);
export const red = (text) => paint(31, text);

/** An error whose message is for people: shown as one line, without a stack. */
export class Trouble extends Error {}

/** Runs `work`, says its name, then how long it took. */
export const step = async (name, work) => {
  const start = performance.now();
  if (tty) process.stdout.write(`  ${dim('…')} ${name}`);
  try {
    const result = await work();
    const said = typeof result === 'string' ? ` ${dim(`(${result})`)}` : '';
    process.stdout.write(
      `${tty ? '\r\u001b[K' : ''}  ${green('✓')} ${name}${said} ${dim(`${((performance.now() - start) / 1000).toFixed(1)} s`)}\n`,
    );
    return result;
  } catch (err) {
    process.stdout.write(`${tty ? '\r\u001b[K' : ''}  ${red('✗')} ${name}\n`);
    throw err;
  }
};

/** Rows as an aligned table; the first row is the heading. */
export const table = (rows) => {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((r) => String(r[i] ?? '').length)));
  return rows
    .map(
      (row, n) =>
        `  ${row
          .map((cell, i) => String(cell ?? '').padEnd(widths[i]))
          .join('   ')
          .trimEnd()}`,
    )
    .map((line, n) => (n === 0 ? bold(line) : line))
    .join('\n');
};
