import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a component is trusted with, by name. Until now every component of the bootstrap managed users, metering and the operator's too.
 * A component of another name may be an installation's own compute: it keeps what it used, to manage users and to tell metering.
 */
export class ComponentRights1763700010000 implements MigrationInterface {
  name = 'ComponentRights1763700010000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table component add column rights text[] not null default '{}'
        constraint component_rights_check check (rights <@ array['users.manage', 'events.send']);
      update component set rights = array['users.manage', 'events.send']
        where manages_users and name not in ('nefos-metering', 'nefos-operator');
      alter table component drop column manages_users;`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table component add column manages_users boolean not null default false;
      update component set manages_users = 'users.manage' = any(rights);
      alter table component drop column rights;`);
  }
}
