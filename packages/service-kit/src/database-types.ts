import type pg from 'pg';
import type { DataSource, MigrationInterface } from 'typeorm';

declare const opaque: unique symbol;
/** An open transaction. Only stores and the kit look inside; jobs and events demand one. */
export interface Tx {
  readonly [opaque]: true;
}
/** A transaction that its owner ends, by `commit` or `rollback`. */
export interface OpenTransaction {
  readonly tx: Tx;
  readonly commit: () => Promise<void>;
  readonly rollback: (reason?: unknown) => Promise<void>;
}
export interface Db {
  /** TypeORM's data source; see `em`. */
  readonly source: DataSource;
  /** The same connections without TypeORM. */
  readonly pool: pg.Pool;
  /**
   * Runs `work` in one transaction; after a deadlock or serialisation failure again, so `work` must have no effect
   * outside the database.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Begins a transaction that the caller must commit or roll back. Use `transaction` where you can. PostgreSQL ends it
   * when it is idle for a minute.
   */
  begin(): Promise<OpenTransaction>;
  close(): Promise<void>;
}
/** Where a statement runs: in a transaction, or by itself. */
export type Queryable = Db | Tx;
export type MigrationClass = new () => MigrationInterface;
