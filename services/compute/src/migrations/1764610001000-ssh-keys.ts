import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Public SSH keys of portal users. */
const UP = `
  create table ssh_key (
    id uuid primary key,
    user_id int not null constraint ssh_key_user_id_fkey references portal_user on delete cascade,
    name text not null,
    public_key text not null,
    fingerprint text not null,
    created_at timestamptz not null default now(),
    constraint ssh_key_user_id_name_key unique (user_id, name)
  );`;
const DOWN = 'drop table ssh_key';

export class SshKeys1764610001000 implements MigrationInterface {
  readonly name = 'SshKeys1764610001000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
