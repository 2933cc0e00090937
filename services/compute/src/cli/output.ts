import Table from 'cli-table3';

export type Row = Record<string, unknown>;
/** What a command prints: rows, and a line for standard error. */
export interface Printed {
  rows: readonly Row[];
  note?: string | undefined;
  /** One thing with all that is known of it: a line for each field, since a row would be wider than any screen. */
  tall?: boolean;
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
/** What is known of a thing within a thing, such as a rule of a group. */
const inner = (value: unknown): string =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? cell(value)
    : Object.entries(value)
        .filter(([, one]) => one !== null)
        .map(([name, one]) => `${harmless(name)}=${cell(one)}`)
        .join(' ');
/** A list of things has a line for each. */
const lines = (value: unknown): string => (Array.isArray(value) ? value.map(inner).join('\n') : cell(value));
/** Rows as a table, or as JSON for scripts. */
export const print = ({ rows, note, tall = false }: Printed, json: boolean): void => {
  if (json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else if (!rows[0]) process.stdout.write('(none)\n');
  else if (tall) {
    const table = new Table({ style: { head: [], border: [] } });
    for (const [name, value] of Object.entries(rows[0])) table.push({ [name]: lines(value) });
    process.stdout.write(`${table.toString()}\n`);
  } else {
    const columns = Object.keys(rows[0]);
    const table = new Table({ head: columns, style: { head: [], border: [] } });
    for (const row of rows) table.push(columns.map((name) => cell(row[name])));
    process.stdout.write(`${table.toString()}\n`);
  }
  if (note !== undefined) process.stderr.write(`${note}\n`);
};
