import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { EntityManager } from 'typeorm';
import type { Queryable } from './database-types.js';
import { marked } from './fault.js';
import { bounded } from './query-limit.js';
import { connectionOf, managerOf } from './transaction.js';

/**
 * TypeORM's manager without what would begin a transaction beside ours, or send SQL of its own: see `transaction` and
 * `sql`.
 */
export type Manager = Omit<EntityManager, 'transaction' | 'query' | 'queryRunner'>;
/**
 * TypeORM's manager, inside the transaction when there is one. Its statements have the time limit of those of `sql`,
 * and what fails is known as an error of the database. Each function asks for it anew: a manager belongs to the
 * transaction of the moment.
 */
export const em = (q: Queryable): Manager => managerOf(q);

/** Runs one statement and gives its rows. Numbers of type bigint and numeric, and instants, come as text. */
export const sql = async <R extends object = Record<string, unknown>>(
  q: Queryable,
  text: string,
  values: readonly unknown[] = [],
): Promise<R[]> => (await marked(connectionOf(q).query<R & pg.QueryResultRow>(bounded(text, values)))).rows;
/** As `sql`, and gives the number of rows touched. */
export const run = async (q: Queryable, text: string, values: readonly unknown[] = []): Promise<number> =>
  (await marked(connectionOf(q).query(bounded(text, values)))).rowCount ?? 0;
const names = new Map<string, string>();
/** A statement that PostgreSQL keeps prepared: for what runs on every request. */
export const prepared = async <R extends object>(
  q: Queryable,
  text: string,
  values: readonly unknown[],
): Promise<R[]> => {
  let name = names.get(text);
  if (!name) names.set(text, (name = createHash('sha256').update(text).digest('hex').slice(0, 24)));
  return (await marked(connectionOf(q).query<R & pg.QueryResultRow>(bounded(text, values, name)))).rows;
};

/** Whether an error is the violation of this constraint. */
export const violates = (err: unknown, constraint: string): boolean =>
  (err as { constraint?: string } | undefined)?.constraint === constraint ||
  (err as { driverError?: { constraint?: string } } | undefined)?.driverError?.constraint === constraint;
