import type { MigrationInterface, QueryRunner } from 'typeorm';

/** All tokens of an account by index, also those that are over: what was made with them may live. */
export class TokensOfAccount1764200000000 implements MigrationInterface {
  name = 'TokensOfAccount1764200000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index token_account_id_idx;
      create index token_account_id_idx on token (account_id) where account_id is not null;`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index token_account_id_idx;
      create index token_account_id_idx on token (account_id) where revoked_at is null;`);
  }
}
