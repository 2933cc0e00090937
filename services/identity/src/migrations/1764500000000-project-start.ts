import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When an applicant wants a project to begin (contract identity §7.6); null: when it was applied for. */
export class ProjectStart1764500000000 implements MigrationInterface {
  name = 'ProjectStart1764500000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table project_application add column start_date timestamptz');
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table project_application drop column start_date');
  }
}
