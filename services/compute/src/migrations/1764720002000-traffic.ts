import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What instances carry (contract compute §9.5), and the limits of that (§14.3). */
const UP = `
  create table traffic (
    instance_id uuid constraint traffic_pkey primary key
      constraint traffic_instance_id_fkey references instance on delete cascade,
    region_id text,
    counters jsonb,
    version int not null default 0,
    next_read_at timestamptz,
    month text,
    month_bytes bigint not null default 0,
    cycle_start timestamptz,
    cycle_end timestamptz,
    cycle_bytes bigint not null default 0,
    total_bytes bigint not null default 0,
    told_at timestamptz,
    limit_bytes bigint,
    limit_action text constraint traffic_limit_action_check check (limit_action in ('notify', 'throttle', 'stop')),
    limit_month text,
    limit_due boolean not null default false
  );
  create index traffic_next_read_at_idx on traffic (region_id, next_read_at) where next_read_at is not null;
  create index traffic_limit_due_idx on traffic (instance_id) where limit_due;
  create table traffic_day (
    instance_id uuid not null constraint traffic_day_instance_id_fkey references traffic on delete cascade,
    day text not null,
    rx_bytes bigint not null default 0,
    tx_bytes bigint not null default 0,
    constraint traffic_day_pkey primary key (instance_id, day)
  );
  create index traffic_day_day_idx on traffic_day (day);
  -- What machines carried before they are counted does not count.
  insert into traffic (instance_id, region_id, next_read_at)
    select id, region_id, now() from instance where metered_on and vm_state <> 'deleted';
  alter table instance add column traffic_blocked boolean not null default false;
  create index instance_traffic_blocked_idx on instance (id) where traffic_blocked;
  alter table sim_machine add column up_ms bigint not null default 0,
    add column up_at timestamptz not null default now()`;
const DOWN = `
  alter table sim_machine drop column up_ms, drop column up_at;
  alter table instance drop column traffic_blocked;
  drop table traffic_day;
  drop table traffic`;

export class Traffic1764720002000 implements MigrationInterface {
  readonly name = 'Traffic1764720002000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
