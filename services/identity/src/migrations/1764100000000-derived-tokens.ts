import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What was made with what, so that a revocation reaches all of it; tokens that may only read; since when a user is active or not.
 * A token made from a read-only one before this column existed is found by its parent when the portal tells which ones are read-only.
 */
export class DerivedTokens1764100000000 implements MigrationInterface {
  name = 'DerivedTokens1764100000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table token add column read_only boolean not null default false;
      create index token_parent_audit_id_idx on token (parent_audit_id) where parent_audit_id is not null;
      -- Until now a revocation left alive what was made with the token. A parent that is gone was revoked, or its children have expired too.
      with recursive dead as (
        select audit_id from token t where revoked_at is not null
          or (parent_audit_id is not null and not exists (select from token p where p.audit_id = t.parent_audit_id))
        union select k.audit_id from token k join dead d on k.parent_audit_id = d.audit_id
      ) update token set revoked_at = now() where revoked_at is null and audit_id in (select audit_id from dead);
      alter table application_credential add column parent_audit_id text;
      create index application_credential_parent_audit_id_idx on application_credential (parent_audit_id) where parent_audit_id is not null;
      alter table account
        add column state_changed_at timestamptz not null default now(),
        add column state_sequence bigint not null default 0;
      create index account_state_changed_at_idx on account (state_changed_at, uuid);
      create function note_state_change() returns trigger language plpgsql as $$ begin new.state_changed_at = clock_timestamp(); return new; end $$;
      create trigger account_state_changed before update on account for each row
        when (old.is_active is distinct from new.is_active) execute function note_state_change();`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop trigger account_state_changed on account;
      drop function note_state_change();
      drop index account_state_changed_at_idx;
      alter table account drop column state_changed_at, drop column state_sequence;
      drop index application_credential_parent_audit_id_idx;
      alter table application_credential drop column parent_audit_id;
      drop index token_parent_audit_id_idx;
      alter table token drop column read_only;`);
  }
}
