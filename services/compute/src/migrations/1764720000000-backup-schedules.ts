import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When backups of instances are made by themselves (contract compute §14.2). */
const UP = `
  create table backup_schedule (
    id uuid constraint backup_schedule_pkey primary key,
    instance_id uuid not null constraint backup_schedule_instance_id_fkey references instance on delete cascade,
    type text not null constraint backup_schedule_type_check check (type in ('daily', 'weekly', 'monthly')),
    run_at text not null,
    day_of_week smallint,
    day_of_month smallint,
    rotation int not null,
    name_prefix text not null,
    timezone text not null,
    enabled boolean not null default true,
    next_run_at timestamptz,
    last_run_at timestamptz,
    last_result jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint backup_schedule_day_check
      check ((type = 'weekly') = (day_of_week is not null) and (type = 'monthly') = (day_of_month is not null))
  );
  create index backup_schedule_instance_id_idx on backup_schedule (instance_id, created_at, id);
  create index backup_schedule_created_at_idx on backup_schedule (created_at, id);
  create index backup_schedule_next_run_at_idx on backup_schedule (next_run_at) where enabled;`;
const DOWN = `drop table backup_schedule`;

export class BackupSchedules1764720000000 implements MigrationInterface {
  readonly name = 'BackupSchedules1764720000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
