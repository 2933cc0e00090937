import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  do $$ begin
    if to_regclass('graphile_worker._private_job_queues') is not null then
      update graphile_worker._private_jobs j set job_queue_id = null from graphile_worker._private_job_queues q
        where q.id = j.job_queue_id and q.queue_name like 'network:%' and j.locked_at is null;
      delete from graphile_worker._private_job_queues q where queue_name like 'network:%' and locked_at is null
        and not exists (select from graphile_worker._private_jobs j where j.job_queue_id = q.id);
    end if;
  end $$`;

/**
 * Jobs of the network had 256 queues, of which every question for a job locks the rows. They take turns now: what waits
 * is in no queue any more, and the queues go.
 */
export class NetworkTurns1764774000000 implements MigrationInterface {
  readonly name = 'NetworkTurns1764774000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(): Promise<void> {
    // The former version makes queues as it needs them.
  }
}
