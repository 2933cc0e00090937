import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why an instance is locked, as whoever locked it says. */
export class LockedReason1764906000000 implements MigrationInterface {
  readonly name = 'LockedReason1764906000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table instance
      add column locked_reason text constraint instance_locked_reason_check check (length(locked_reason) <= 255)`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table instance drop column locked_reason');
  }
}
