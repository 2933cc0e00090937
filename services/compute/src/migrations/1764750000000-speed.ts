import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  create index instance_name_idx on instance (name, id) where vm_state <> 'deleted';
  create index instance_region_id_created_at_idx on instance (region_id, created_at, id) where vm_state <> 'deleted';
  create index instance_vm_state_idx on instance (vm_state, created_at, id) where vm_state not in ('deleted', 'active');
  create index image_created_at_idx on image (created_at, id);
  create index image_status_name_idx on image (status, name, id) where status <> 'active';
  create index image_type_name_idx on image (type, name, id);
  -- Jobs of instances had a queue of each; every question for a job locked the rows of all of them.
  do $$ begin
    if to_regclass('graphile_worker._private_job_queues') is not null then
      delete from graphile_worker._private_job_queues q where queue_name like 'instance:%' and locked_at is null
        and not exists (select from graphile_worker._private_jobs j where j.job_queue_id = q.id);
    end if;
  end $$`;

const DOWN = `
  drop index image_type_name_idx;
  drop index image_status_name_idx;
  drop index image_created_at_idx;
  drop index instance_vm_state_idx;
  drop index instance_region_id_created_at_idx;
  drop index instance_name_idx`;

/** Indexes of the usual filters and orders of long lists; the queue's rows that nothing uses any more go. */
export class Speed1764750000000 implements MigrationInterface {
  readonly name = 'Speed1764750000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
