import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Answers keep the order of their members: repeated, they are the same bytes. */
const UP = `
  alter table idempotency_key alter column body type json using body::json, alter column headers type json using headers::json;`;
const DOWN = `
  alter table idempotency_key alter column body type jsonb using body::jsonb, alter column headers type jsonb using headers::jsonb;`;

export class ExactReplies1764300000000 implements MigrationInterface {
  readonly name = 'ExactReplies1764300000000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
