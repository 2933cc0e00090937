import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The list of migrations that OpenStack's compute API has: by an index of their own, since they are few operations. */
export class MigrationList1764908000000 implements MigrationInterface {
  readonly name = 'MigrationList1764908000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index operation_migration_idx on operation (created_at, id)
      where action in ('migrate', 'liveMigrate', 'resize')`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index operation_migration_idx');
  }
}
