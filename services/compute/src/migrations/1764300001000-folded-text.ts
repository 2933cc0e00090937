import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Search and comparison without regard to case, by Unicode's rules whatever the locale of the database. `fold` is its one definition: small
 * and capital letters become the same, also where one letter has several small forms (Greek sigma) or becomes two (German sharp s). What it gives
 * is compared byte by byte, so that an index outlives a new version of ICU.
 * What `search` looks into is kept folded beside the rows of the large tables; their order follows from the columns alone.
 */
const UP = `
  create function fold(text) returns text language sql immutable strict parallel safe return upper(lower($1 collate "und-x-icu")) collate "C";
  alter table client add column search_text text not null generated always as (
    fold(first_name) || chr(10) || fold(last_name) || chr(10) || coalesce(fold(company), '') || chr(10) || fold(email) || chr(10) || fold(phone)
    || chr(10) || coalesce(fold(external_billing_id), '') || chr(10) || id::text) stored;
  alter table portal_user add column search_text text not null generated always as (
    fold(username) || chr(10) || fold(email) || chr(10) || fold(first_name) || chr(10) || fold(last_name) || chr(10)
    || coalesce(fold(external_billing_id), '')) stored;
  alter table instance add column search_text text not null generated always as (
    fold(name) || chr(10) || coalesce(fold(description), '') || chr(10) || coalesce(fold(access_ip), '')) stored;
  drop index portal_user_email_idx;
  create index portal_user_email_idx on portal_user (fold(email));
  create index client_email_idx on client (fold(email));
  -- Attempts at one address that differed in letters that the locale did not know: the latest keeps the reservation.
  delete from user_reservation r using user_reservation o
    where lower(r.email collate "und-x-icu") = lower(o.email collate "und-x-icu") and (r.reserved_at, r.email) < (o.reserved_at, o.email);
  update user_reservation set email = lower(email collate "und-x-icu") where email <> lower(email collate "und-x-icu");`;
const DOWN = `
  drop index client_email_idx;
  drop index portal_user_email_idx;
  create index portal_user_email_idx on portal_user (lower(email));
  alter table instance drop column search_text;
  alter table portal_user drop column search_text;
  alter table client drop column search_text;
  drop function fold(text);`;

export class FoldedText1764300001000 implements MigrationInterface {
  readonly name = 'FoldedText1764300001000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
