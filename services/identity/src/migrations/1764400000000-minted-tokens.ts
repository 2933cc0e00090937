import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The record of who made a token, by its public name: a component may end what it made. */
export class MintedTokens1764400000000 implements MigrationInterface {
  name = 'MintedTokens1764400000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create index audit_event_minted_idx on audit_event ((detail->>'audit_id')) where action = 'token.mint'`,
    );
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index audit_event_minted_idx');
  }
}
