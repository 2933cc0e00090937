import { columns, sql, type AnyColumn, type AnyTable, type Tx } from '@nefos/service-kit';

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/**
 * Columns and places of the given properties only, for an insert or update. Documents go as text, since node-postgres
 * would send lists as arrays of PostgreSQL, and TypeORM's types do not end at documents.
 * @param values gets the values; their places follow those that it has already
 */
const placed = (
  definitions: Readonly<Record<string, AnyColumn>>,
  given: object,
  values: unknown[],
): { column: string; place: string }[] =>
  Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([property, value]) => {
      const column = definitions[property];
      if (!column) throw new Error(`there is no column ${property}`);
      values.push(column.type === 'json' && value !== null ? JSON.stringify(value) : value);
      return { column: `"${snakeCase(property)}"`, place: `$${values.length}` };
    });
/** `set` of an update. */
export const assignments = (...given: Parameters<typeof placed>): string[] =>
  placed(...given).map(({ column, place }) => `${column} = ${place}`);
/** Inserts what is given of a row. @returns the row */
export const insertRow = async <R extends object>(tx: Tx, into: AnyTable, given: object): Promise<R> => {
  const values: unknown[] = [];
  const all = placed(into.definitions, given, values);
  const [row] = await sql<R>(
    tx,
    `insert into ${into.table} (${all.map(({ column }) => column).join(', ')})
    values (${all.map(({ place }) => place).join(', ')}) returning ${columns(into)}`,
    values,
  );
  return row as R;
};
