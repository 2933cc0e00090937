import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  create table server_record (
    instance_id uuid constraint server_record_pkey primary key
      constraint server_record_instance_id_fkey references instance on delete cascade,
    user_id text not null default '',
    metadata jsonb not null default '{}',
    key_name text,
    hostname text,
    config_drive boolean not null default false,
    access_ipv4 text not null default '',
    access_ipv6 text not null default '',
    reservation_id text not null default '',
    locked_reason text
  );
  create index instance_client_id_updated_at_idx on instance (client_id, updated_at);
  create index instance_updated_at_idx on instance (updated_at);
  create index instance_project_id_launched_at_idx on instance (project_id, launched_at) where launched_at is not null;`;
const DOWN = `
  drop index instance_project_id_launched_at_idx;
  drop index instance_updated_at_idx;
  drop index instance_client_id_updated_at_idx;
  drop table server_record;`;

/** What OpenStack's compute API keeps of an instance beside what the portal does (contract compute §12.3). */
export class ServerRecords1764902000000 implements MigrationInterface {
  readonly name = 'ServerRecords1764902000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
