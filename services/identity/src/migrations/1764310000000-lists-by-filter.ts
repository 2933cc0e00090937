import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the filters of v3's lists go by: superusers, who is inactive, default projects, members of a group in order, projects by name. */
export class ListsByFilter1764310000000 implements MigrationInterface {
  name = 'ListsByFilter1764310000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create index account_superuser_idx on account (id) where is_superuser;
      create index account_inactive_idx on account (id) where not is_active;
      create index account_default_project_idx on account (default_project);
      create index group_member_group_id_account_id_idx on group_member (group_id, account_id);
      drop index group_member_group_id_idx;
      create index project_realname_idx on project (realname, id);
      create index project_not_active_idx on project (id) where state <> 'active';`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index project_not_active_idx;
      drop index project_realname_idx;
      create index group_member_group_id_idx on group_member (group_id);
      drop index group_member_group_id_account_id_idx;
      drop index account_default_project_idx;
      drop index account_inactive_idx;
      drop index account_superuser_idx;`);
  }
}
