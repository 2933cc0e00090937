import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Terms of use are kept with their text, so that every process can show them; staff of a component are not bound by them. */
export class Terms1764300001000 implements MigrationInterface {
  name = 'Terms1764300001000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table approval_terms add column text text;
      alter table account add column terms_exempt boolean not null default false;`);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table account drop column terms_exempt;
      alter table approval_terms drop column text;`);
  }
}
