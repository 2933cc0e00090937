import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Ids of clients that are gone: operations and usage are told by them, so nobody else gets one. And the power sweep's way through a region. */
const UP = `
  create table client_retired (id int primary key);
  insert into client_retired (id) select distinct o.client_id from operation o where not exists (select from client c where c.id = o.client_id);
  create index instance_region_id_idx on instance (region_id, id) where vm_state <> 'deleted';`;

export class RetiredClients1763600002000 implements MigrationInterface {
  readonly name = 'RetiredClients1763600002000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index instance_region_id_idx');
    await runner.query('drop table client_retired');
  }
}
