import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  alter table network add column created_at timestamptz not null default now();
  alter table subnet add column created_at timestamptz not null default now();
  alter table router_interface add column port_id uuid not null default gen_random_uuid()
    constraint router_interface_port_id_key unique;
  alter table network drop constraint network_region_id_project_id_name_key;
  create unique index network_region_id_project_id_name_key on network (region_id, project_id, name) nulls not distinct
    where name <> '';`;
const DOWN = `
  update network set name = id::text where name = '';
  drop index network_region_id_project_id_name_key;
  alter table network add constraint network_region_id_project_id_name_key
    unique nulls not distinct (region_id, project_id, name);
  alter table router_interface drop column port_id;
  alter table subnet drop column created_at;
  alter table network drop column created_at;`;

/**
 * What OpenStack's network API shows: since when there are networks and subnets, and the interfaces of routers, which
 * are ports there. Networks without a name, which only that API makes, are as many as one likes.
 */
export class RouterPorts1764904100000 implements MigrationInterface {
  readonly name = 'RouterPorts1764904100000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
