import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When instances are started, stopped and rebooted by themselves (contract compute §14 row 1). */
const UP = `
  create table power_schedule (
    id uuid constraint power_schedule_pkey primary key,
    instance_id uuid not null constraint power_schedule_instance_id_fkey references instance on delete cascade,
    action text not null constraint power_schedule_action_check check (action in ('start', 'stop', 'reboot')),
    cron text not null,
    timezone text not null,
    enabled boolean not null default true,
    next_run_at timestamptz,
    last_run_at timestamptz,
    last_result jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create index power_schedule_instance_id_idx on power_schedule (instance_id, created_at, id);
  create index power_schedule_created_at_idx on power_schedule (created_at, id);
  create index power_schedule_next_run_at_idx on power_schedule (next_run_at) where enabled;`;
const DOWN = `drop table power_schedule`;

export class PowerSchedules1764640002000 implements MigrationInterface {
  readonly name = 'PowerSchedules1764640002000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
