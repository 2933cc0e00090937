import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Links by which end users sign in, by the hash of what is in them. */
const UP = `
  create table sso_link (
    hash bytea primary key,
    user_id int not null constraint sso_link_user_id_fkey references portal_user on delete cascade,
    made_at_seconds bigint not null,
    made_with text not null,
    expires_at timestamptz not null
  );
  create index sso_link_user_id_idx on sso_link (user_id);
  create index sso_link_expires_at_idx on sso_link (expires_at);`;
const DOWN = 'drop table sso_link';

export class SsoLinks1764300002000 implements MigrationInterface {
  readonly name = 'SsoLinks1764300002000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
