import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Sessions hang on identity's own (older ones have none and are over: people sign in again). Identity is told which tokens are read-only and
 * who may not sign in, those included who were inactive here before this.
 */
const UP = `
  alter table portal_session add column audit_id text constraint portal_session_audit_id_key unique;
  alter table portal_token add column read_only_told boolean not null default false;
  create index portal_token_untold_idx on portal_token (id) where read_only and not read_only_told and revoked_at is null;
  alter table portal_user
    add column state_sequence bigint not null default 0,
    add column told_sequence bigint not null default 0,
    add column state_at timestamptz;
  update portal_user set state_sequence = 1 where not is_active and deleted_at is null;
  create index portal_user_untold_idx on portal_user (id) where state_sequence > told_sequence and deleted_at is null;`;
const DOWN = `
  drop index portal_user_untold_idx;
  alter table portal_user drop column state_sequence, drop column told_sequence, drop column state_at;
  drop index portal_token_untold_idx;
  alter table portal_token drop column read_only_told;
  alter table portal_session drop column audit_id;`;

export class OneState1764100000000 implements MigrationInterface {
  readonly name = 'OneState1764100000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
