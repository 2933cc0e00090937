import Table from 'cli-table3';

export type Row = Record<string, unknown>;
const cell = (value: unknown): string =>
  value === null || value === undefined
    ? ''
    : Array.isArray(value)
      ? value.join(', ')
      : typeof value === 'string'
        ? value
        : JSON.stringify(value);
/** Rows as a table, or as JSON for scripts. */
export const print = (rows: readonly Row[], json: boolean): void => {
  if (json) {
    console.log(JSON.stringify(rows, null, 2));
    return;
  }
  if (!rows[0]) {
    console.log('(none)');
    return;
  }
  const columns = Object.keys(rows[0]);
  const table = new Table({ head: columns, style: { head: [], border: [] } });
  for (const row of rows) table.push(columns.map((name) => cell(row[name])));
  console.log(table.toString());
};
