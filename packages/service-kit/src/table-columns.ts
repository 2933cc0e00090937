import type { EntitySchemaColumnOptions } from 'typeorm';

declare const valueOf: unique symbol;
declare const presenceOf: unique symbol;
/** Whether a new row must give the column's value, may leave it out, or can not set it. */
export type Presence = 'required' | 'optional' | 'computed';
/** One column of a table, whatever its values. */
export interface AnyColumn {
  /** The type's name in PostgreSQL, as `format_type` writes it, without length and precision. */
  readonly type: string;
  /** The column in TypeORM's terms. */
  readonly options: EntitySchemaColumnOptions;
  /** PostgreSQL's type to read the column as, where the column's own would give another value. */
  readonly readAs?: string;
  /** Where the value of a column comes from that an insert may leave out. */
  readonly source?: 'generated' | 'default' | 'computed';
}
/**
 * One column of a table as `table()` takes it. `T` is the type of its values in TypeScript; it exists for the
 * compiler only.
 */
export interface Column<T, P extends Presence> extends AnyColumn {
  readonly [valueOf]?: { value: T };
  readonly [presenceOf]?: { presence: P };
}
type Kind<T> = Column<T, 'required'>;

const kind = <T>(type: string, options: Partial<EntitySchemaColumnOptions> = {}, readAs?: string): Kind<T> => ({
  type,
  options: { type: type as EntitySchemaColumnOptions['type'], ...options },
  ...(readAs && { readAs }),
});
const toNumber = { to: (value: unknown) => value, from: (value: unknown) => (value == null ? value : Number(value)) };

/** Text; `text<'a' | 'b'>()` where only some values are allowed. */
export const text = <T extends string = string>(): Kind<T> => kind('text');
export const varchar = <T extends string = string>(): Kind<T> => kind('character varying');
export const smallint = <T extends number = number>(): Kind<T> => kind('smallint');
export const integer = <T extends number = number>(): Kind<T> => kind('integer');
/** 64 bits, read as text. */
export const bigint = (): Kind<string> => kind('bigint');
/** A bigint that stays below 2^53, read as a number. */
export const safeInteger = (): Kind<number> => kind('bigint', { transformer: toNumber }, 'float8');
export const doublePrecision = (): Kind<number> => kind('double precision');
/** An exact number, read as text. */
export const numeric = (): Kind<string> => kind('numeric');
export const boolean = (): Kind<boolean> => kind('boolean');
export const uuid = (): Kind<string> => kind('uuid');
export const inet = (): Kind<string> => kind('inet');
export const cidr = (): Kind<string> => kind('cidr');
/**
 * A timestamptz, read as text with microseconds (`2026-01-01 00:00:00.123456+00`). For TypeORM it is `text`, since a
 * timestamptz becomes a Date there, which has milliseconds only.
 */
export const instant = (): Kind<string> => kind('timestamp with time zone', { type: 'text' });
export const bytea = (): Kind<Buffer> => kind('bytea');
export const json = <T = unknown>(): Kind<T> => kind('json');
export const jsonb = <T = unknown>(): Kind<T> => kind('jsonb');
export const textArray = <T extends string = string>(): Kind<T[]> => kind('text[]', { type: 'text', array: true });
export const uuidArray = (): Kind<string[]> => kind('uuid[]', { type: 'uuid', array: true });

const changed = <T, P extends Presence>(column: AnyColumn, change: Partial<AnyColumn>): Column<T, P> => ({
  ...column,
  ...change,
  options: { ...column.options, ...change.options },
});
const optionsOf = (options: Partial<EntitySchemaColumnOptions>): EntitySchemaColumnOptions =>
  options as EntitySchemaColumnOptions;

/** The column may be null; a new row may leave it out. */
export const nullable = <T, P extends Presence>(
  column: Column<T, P>,
): Column<T | null, P extends 'computed' ? P : 'optional'> =>
  changed(column, { options: optionsOf({ nullable: true }) });
/**
 * PostgreSQL numbers the rows: an identity column or a serial. A new row may give a number of its own (`by default`).
 * TypeORM is told of a default, since of a column that it takes for generated it leaves out the given number.
 */
export const generated = <T>(column: Kind<T>): Column<T, 'optional'> =>
  changed(column, { source: 'generated', options: optionsOf({ default: () => 'default' }) });
/** The column has a default in the database. */
export const withDefault = <T, P extends Presence>(column: Column<T, P>): Column<T, 'optional'> =>
  changed(column, { source: 'default' });
/** PostgreSQL computes the column from others of the row (`generated always as`): it is never written. */
export const computed = <T, P extends Presence>(column: Column<T, P>): Column<T, 'computed'> =>
  changed(column, { source: 'computed', options: optionsOf({ insert: false, update: false }) });
/** The column's name in the database, where it is not the snake case of the property's. */
export const named = <T, P extends Presence>(name: string, column: Column<T, P>): Column<T, P> =>
  changed(column, { options: optionsOf({ name }) });
