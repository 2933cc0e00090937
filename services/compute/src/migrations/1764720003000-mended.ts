import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who made a webhook, and whether its receiver is slow; bytes of what is being written of images. */
const UP = `
  alter table webhook add column created_by_id int, add column slow boolean not null default false;
  alter table image_data add column bytes bigint not null default 0`;
const DOWN = `
  alter table image_data drop column bytes;
  alter table webhook drop column created_by_id, drop column slow`;

export class Mended1764720003000 implements MigrationInterface {
  readonly name = 'Mended1764720003000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
