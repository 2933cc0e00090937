import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the actions beyond start and stop need: the second size of an instance that is resized, the id under which
 * metering knows an instance that was moved, secrets of operations until they end, images that are being made, and
 * what the simulator keeps of all that.
 */
const UP = `
  alter table instance
    add column other_flavor_id uuid constraint instance_other_flavor_id_fkey references flavor,
    add column metering_id uuid;
  create index instance_other_flavor_id_idx on instance (other_flavor_id)
    where other_flavor_id is not null and vm_state <> 'deleted';
  comment on column instance.other_flavor_id is
    'the size to come while it is being resized, the former one until the resize is confirmed';
  comment on column instance.metering_id is 'its id at metering since it was moved to another client; null: its own';
  create table operation_secret (
    operation_id uuid primary key constraint operation_secret_operation_id_fkey references operation on delete cascade,
    sealed text not null
  );
  comment on table operation_secret is 'passwords, keys and user data until the operation ends';
  create index image_unfinished_idx on image (id) where status in ('saving', 'pending_delete');

  alter table sim_machine
    add column root_gb int not null default 1,
    add column mode text constraint sim_machine_mode_check check (mode in ('resized', 'rescued', 'shelved')),
    add column target_mode text,
    add column target_host text,
    add column former jsonb,
    add column rebuild_key text,
    add column guest jsonb;
  create index sim_machine_former_idx on sim_machine ((former ->> 'host')) where former is not null;
  create table sim_image (
    image_id uuid primary key,
    portal_id uuid not null,
    size bigint not null,
    done_at timestamptz not null
  );`;
const DOWN = `
  drop table sim_image;
  drop index sim_machine_former_idx;
  alter table sim_machine drop column root_gb, drop column mode, drop column target_mode, drop column target_host,
    drop column former, drop column rebuild_key, drop column guest;
  drop index image_unfinished_idx;
  drop table operation_secret;
  drop index instance_other_flavor_id_idx;
  alter table instance drop column other_flavor_id, drop column metering_id;`;

export class Actions1764620000000 implements MigrationInterface {
  readonly name = 'Actions1764620000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
