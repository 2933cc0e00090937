import Table from 'cli-table3';

export type Row = Record<string, unknown>;
/** What a command prints: rows, and a line for standard error. */
export interface Printed {
  rows: readonly Row[];
  note?: string | undefined;
}
/** Control characters of a name that a user chose must not reach the operator's terminal. */
const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '\u{fffd}');
const cell = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : harmless(
        Array.isArray(value) && value.every((one) => typeof one === 'string')
          ? value.join(', ')
          : typeof value === 'string'
            ? value
            : JSON.stringify(value),
      );
/** Rows as a table, or as JSON for scripts. */
export const print = ({ rows, note }: Printed, json: boolean): void => {
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (!rows[0]) process.stdout.write('(none)\n');
  else {
    const columns = Object.keys(rows[0]);
    const table = new Table({ head: columns, style: { head: [], border: [] } });
    for (const row of rows) table.push(columns.map((name) => cell(row[name])));
    process.stdout.write(`${table.toString()}\n`);
  }
  if (note !== undefined) process.stderr.write(`${note}\n`);
};
