import Table from 'cli-table3';

export type Row = Record<string, unknown>;
/** Control characters of a text that a machine reported must not reach the operator's terminal. */
const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '\u{fffd}');
const cell = (value: unknown): string =>
  value === null || value === undefined ? '' : harmless(typeof value === 'string' ? value : JSON.stringify(value));
/** What is within a thing has a line for each: the phases of a run, the properties of a node. */
const lines = (value: unknown): string => {
  if (Array.isArray(value)) return value.map((one) => inOneLine(one)).join('\n');
  if (typeof value !== 'object' || value === null) return cell(value);
  return Object.entries(value)
    .map(([name, one]) => `${harmless(name)}=${cell(one)}`)
    .join('\n');
};
const inOneLine = (value: unknown): string =>
  typeof value === 'object' && value !== null ? Object.values(value).map(cell).join(' ') : cell(value);

/** Rows as a table, one alone with a line for each of its fields; as JSON for scripts. */
export const print = (rows: readonly Row[], { json, tall }: { json: boolean; tall: boolean }): void => {
  if (json) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  const [first] = rows;
  const style = { head: [], border: [] };
  if (!first) process.stdout.write('(none)\n');
  else if (tall) {
    const table = new Table({ style });
    for (const [name, value] of Object.entries(first)) table.push({ [name]: lines(value) });
    process.stdout.write(`${table.toString()}\n`);
  } else {
    const columns = Object.keys(first);
    const table = new Table({ head: columns, style });
    for (const row of rows) table.push(columns.map((name) => cell(row[name])));
    process.stdout.write(`${table.toString()}\n`);
  }
};
