import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
  alter table project add column made_by text, add column sequence bigint not null default 0;
  create unique index project_realname_component_key on project (realname)
    where made_by is not null and state <> 'deleted';
  create table project_member (
    project_id bigint not null,
    account_uuid uuid not null,
    constraint project_member_pkey primary key (project_id, account_uuid),
    constraint project_member_project_id_fkey foreign key (project_id) references project (id) on delete cascade
  );
  create index project_member_account_uuid_idx on project_member (account_uuid, project_id);
  create index token_project_idx on token (project, account_id) where project is not null;
  create index application_credential_project_idx on application_credential (project, account_id);`;
const DOWN = `
  drop index application_credential_project_idx;
  drop index token_project_idx;
  drop table project_member;
  delete from application_credential c using project p where p.uuid = c.project and p.made_by is not null;
  update token t set revoked_at = now() from project p
    where p.uuid = t.project and p.made_by is not null and t.revoked_at is null;
  delete from project where made_by is not null;
  alter table project drop column made_by, drop column sequence;`;

/**
 * Projects that components make, and their members. A member is named by uuid: the component may tell of a project
 * before it tells of a user.
 */
export class ComponentProjects1764900000000 implements MigrationInterface {
  name = 'ComponentProjects1764900000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
