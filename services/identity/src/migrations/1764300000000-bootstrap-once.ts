import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the bootstrap has made is noted, so that it makes nothing twice. Until now a token that was revoked came back with the first start
 * after its row had been removed. `bootstrap:unnoted`: the installation is older than the notes.
 */
export class BootstrapOnce1764300000000 implements MigrationInterface {
  name = 'BootstrapOnce1764300000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      insert into loaded_fixture (name) select 'bootstrap:token:' || encode(hash, 'hex') from token where label = 'bootstrap';
      insert into loaded_fixture (name) select 'bootstrap:unnoted' where exists (select from account where accepted_policy = 'bootstrap');`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query("delete from loaded_fixture where name like 'bootstrap:%'");
  }
}
