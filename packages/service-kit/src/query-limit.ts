import type pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { databaseAway, markDatabaseError } from './fault.js';

/** No answer is awaited longer: a connection whose other end is gone without a word would hold its caller for ever. */
const QUERY_MS = 60_000;
/**
 * PostgreSQL ends a statement itself soon after: one that was given up would go on there, for hours if somebody made it
 * so.
 */
export const STATEMENT_MS = 75_000;
/** A statement that is given up after QUERY_MS. `query_timeout` is the driver's, and missing in its types. */
export const bounded = (text: string, values: readonly unknown[], name?: string): pg.QueryConfig =>
  ({ text, values: values as unknown[], ...(name && { name }), query_timeout: QUERY_MS }) as pg.QueryConfig;

/** What TypeORM and our statements use of a connection. */
export interface Connection {
  query: <R extends pg.QueryResultRow>(
    statement: string | pg.QueryConfig,
    values?: unknown[],
  ) => Promise<pg.QueryResult<R>>;
}
type Runner = QueryRunner & { releasePostgresConnection(err?: unknown): Promise<void> };
/**
 * Bounds the statements that TypeORM sends by this runner in the same way: TypeORM has no setting for that but one for
 * all connections of the pool, which would also end migrations. A connection that broke, or whose statement was given
 * up and may still run at the other end, leaves the pool.
 */
export const boundRunner = (runner: QueryRunner, ms = QUERY_MS): QueryRunner => {
  const connect = runner.connect.bind(runner) as () => Promise<pg.PoolClient>;
  const failed = async (err: unknown): Promise<never> => {
    if (databaseAway(markDatabaseError(err))) await (runner as Runner).releasePostgresConnection(err);
    throw err;
  };
  // An object of its own: one that inherits from the client makes every use of the client slow.
  const over = (client: pg.PoolClient): Connection => ({
    query: <R extends pg.QueryResultRow>(statement: string | pg.QueryConfig, values?: unknown[]) =>
      client
        .query<R>(
          typeof statement === 'string'
            ? ({ text: statement, ...(values && { values }), query_timeout: ms } as pg.QueryConfig)
            : statement,
        )
        .catch(failed),
  });
  let connection: Connection | undefined;
  runner.connect = async () => (connection ??= over(await connect()));
  return runner;
};

const unbounded = new WeakMap<DataSource, DataSource['createQueryRunner']>();
/** From now on all statements of TypeORM are bounded, but for those of `unboundedRunner`. */
export const boundStatements = (source: DataSource): void => {
  const createQueryRunner = source.createQueryRunner.bind(source);
  unbounded.set(source, createQueryRunner);
  source.createQueryRunner = (mode) => boundRunner(createQueryRunner(mode));
};
/** For migrations, whose statements may take long. */
export const unboundedRunner = (source: DataSource): QueryRunner =>
  (unbounded.get(source) ?? source.createQueryRunner.bind(source))();
