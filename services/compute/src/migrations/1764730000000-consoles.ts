import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens with which the pages of consoles open them (contract compute §11.5). */
const UP = `
  create table console_token (
    hash bytea constraint console_token_pkey primary key,
    instance_id uuid not null constraint console_token_instance_id_fkey references instance on delete cascade,
    user_id int not null constraint console_token_user_id_fkey references portal_user on delete cascade,
    type text not null constraint console_token_type_check check (type in ('vnc', 'serial')),
    audit_id text,
    by_session boolean not null,
    credential_expires_at timestamptz,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  );
  create index console_token_user_id_idx on console_token (user_id, instance_id, created_at);
  create index console_token_instance_id_idx on console_token (instance_id);
  create index console_token_expires_at_idx on console_token (expires_at);`;
const DOWN = 'drop table console_token';

export class Consoles1764730000000 implements MigrationInterface {
  readonly name = 'Consoles1764730000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
