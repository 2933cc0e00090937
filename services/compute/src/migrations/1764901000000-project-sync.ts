import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  create table project_sync (
    project_id text not null,
    sequence bigint not null,
    told_sequence bigint not null default 0,
    constraint project_sync_pkey primary key (project_id)
  );
  create index project_sync_untold_idx on project_sync (project_id) where sequence > told_sequence;
  insert into project_sync (project_id, sequence)
    select p.id, (extract(epoch from now()) * 1000)::bigint from project p join service s on s.id = p.service_id
    where s.status in ('pending', 'active', 'suspended');`;

/** What identity was told of projects. Those that are there already are told by the sweep. */
export class ProjectSync1764901000000 implements MigrationInterface {
  readonly name = 'ProjectSync1764901000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table project_sync');
  }
}
