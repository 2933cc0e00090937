import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An account that superusers have closed stays closed when its client is renamed; one that closed with its client opens when that is made anew. */
const UP = `
alter table nefos_cloud_account add column ended boolean not null default false;
comment on column nefos_cloud_account.ended is 'the newest account event said that its client is gone';
`;
const DOWN = 'alter table nefos_cloud_account drop column ended;';

export class ClientEnded1764500000000 implements MigrationInterface {
  name = 'ClientEnded1764500000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
