import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { AnyColumn, Column, Presence } from './table-columns.js';

type Columns = Readonly<Record<string, AnyColumn>>;
type Flat<T> = { [K in keyof T]: T[K] };
type ValueOf<C> = C extends Column<infer T, Presence> ? T : never;
type Having<C extends Columns, P extends Presence> = {
  [K in keyof C]: C[K] extends Column<infer _, infer Q> ? (Q extends P ? K : never) : never;
}[keyof C];
type RowOf<C extends Columns> = { -readonly [K in keyof C]: ValueOf<C[K]> };

/** A table: TypeORM's schema of it, and the columns it was made from. */
export class Table<C extends Columns> extends EntitySchema<RowOf<C>> {
  readonly table: string;
  readonly definitions: C;
  readonly primary: readonly (keyof C & string)[];
  constructor(table: string, definitions: C, primary: readonly (keyof C & string)[]) {
    super({ name: table, tableName: table, columns: ormColumns(definitions, primary) });
    this.table = table;
    this.definitions = definitions;
    this.primary = primary;
  }
}
/** A table, whatever its columns. */
export interface AnyTable extends EntitySchema {
  readonly table: string;
  readonly definitions: Columns;
  readonly primary: readonly string[];
}
/** A row as it is read. */
export type Row<T extends AnyTable> = T extends Table<infer C> ? RowOf<C> : never;
/**
 * What an insert takes: columns that are nullable, generated or have a default may be left out; computed ones must
 * be.
 */
export type NewRow<T extends AnyTable> =
  T extends Table<infer C>
    ? Flat<Pick<RowOf<C>, Having<C, 'required'>> & Partial<Pick<RowOf<C>, Having<C, 'optional'>>>>
    : never;

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const nameOf = (property: string, column: AnyColumn): string => column.options.name ?? snakeCase(property);
/** TypeORM refuses an entity without a primary key: for a table without one all columns count as one. */
const ormColumns = (definitions: Columns, primary: readonly string[]): Record<string, EntitySchemaColumnOptions> =>
  Object.fromEntries(
    Object.entries(definitions).map(([property, column]) => [
      property,
      {
        ...column.options,
        name: nameOf(property, column),
        ...((!primary.length || primary.includes(property)) && { primary: true }),
      },
    ]),
  );

/**
 * Declares a table once: for TypeORM (an entity of plain objects), for the compiler (`Row`, `NewRow`), for SQL
 * (`columns`) and for the test that compares it with the migrated database.
 * @param name of the table in the database
 * @param definitions property in camelCase to column; the column's name is the snake case of it, see also `named`
 * @param options.primary the properties of the primary key; none: the table has no primary key
 */
export const table = <const C extends Columns>(
  name: string,
  definitions: C,
  { primary }: { primary: readonly (keyof C & string)[] },
): Table<C> => new Table(name, definitions, primary);

/**
 * The list of columns for a statement in SQL: it gives the same properties with the same values as TypeORM's
 * repository.
 * @param alias of the table in the statement
 * @param pick only these properties, in this order
 * @example columns(tokens, 't', ['id', 'userId']) // t."id", t."user_id" "userId"
 */
export const columns = <C extends Columns>(
  { definitions }: Table<C>,
  alias?: string,
  pick: readonly (keyof C & string)[] = Object.keys(definitions),
): string =>
  pick
    .map((property) => {
      const column = definitions[property] as AnyColumn;
      const name = nameOf(property, column);
      const value = `${alias ? `${alias}.` : ''}"${name}"${column.readAs ? `::${column.readAs}` : ''}`;
      return name === property && !column.readAs ? value : `${value} "${property}"`;
    })
    .join(', ');

/** A column as the database should have it. */
export interface DeclaredColumn {
  name: string;
  type: string;
  nullable: boolean;
  source: AnyColumn['source'];
}
/** The table as the database should have it; `primary` names columns. */
export const declaredTable = (declared: AnyTable): { name: string; columns: DeclaredColumn[]; primary: string[] } => ({
  name: declared.table,
  columns: Object.entries(declared.definitions).map(([property, column]) => ({
    name: nameOf(property, column),
    type: column.type,
    nullable: column.options.nullable === true,
    source: column.source,
  })),
  primary: declared.primary.map((property) => nameOf(property, declared.definitions[property] as AnyColumn)),
});
